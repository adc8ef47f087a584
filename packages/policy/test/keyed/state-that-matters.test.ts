import { bulkhead } from '@holdfast/bulkhead';
import { circuitBreaker, consecutiveFailures } from '@holdfast/circuit-breaker';
import { type AnyPolicy, keyed, type Policy } from '@holdfast/policy';
import { gcra, rateLimiter } from '@holdfast/rate-limiter';
import { virtualClock } from '@holdfast/testing';
import { describe, expect, test } from 'vitest';

const clock = virtualClock();

/** A keyed policy for one key besides the one that is used. */
function few<P extends AnyPolicy>(make: () => P) {
  let key = 'kept';
  const policy = keyed(make, { key: () => key, maxKeys: 2, idleMs: 1_000, clock });
  const others = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) {
      key = `other ${i}`;
      await (policy as unknown as Policy).outcome(() => 1);
    }
    key = 'kept';
  };
  return { policy, others };
}

describe('a key is kept', () => {
  test('while its circuit is open, until its break is over', async () => {
    const { policy, others } = few(() =>
      circuitBreaker({ trip: consecutiveFailures(1), halfOpenAfterMs: 5_000, clock }),
    );
    await policy.outcome(() => Promise.reject(new Error('down')));
    await others();
    await clock.advance(4_000);
    expect(policy.get('kept').state).toBe('open');

    await clock.advance(10_000);
    expect(policy.has('kept')).toBe(false);
  });

  test('while its circuit is isolated by hand', async () => {
    const { policy, others } = few(() => circuitBreaker({ clock }));
    const isolation = policy.get('kept').isolate();
    await others();
    await clock.advance(1e6);
    expect(policy.get('kept').state).toBe('isolated');

    isolation.release();
    await clock.advance(2_000);
    expect(policy.size).toBe(0);
  });

  test('while a place of its bulkhead is held by hand, or it is paused', async () => {
    const { policy, others } = few(() => bulkhead({ clock }));
    const permit = policy.get('kept').tryAcquire();
    await others();
    await clock.advance(1e6);
    expect(policy.get('kept').active).toBe(1);

    policy.get('kept').pause();
    permit?.release();
    await clock.advance(1e6);
    expect(policy.has('kept')).toBe(true);

    policy.get('kept').resume();
    await clock.advance(2_000);
    expect(policy.has('kept')).toBe(false);
  });

  test('while a call that was made past the keyed policy holds a place', async () => {
    const { policy, others } = few(() => bulkhead({ clock }));
    const work = Promise.withResolvers<void>();
    const call = policy.get('kept').execute(() => work.promise);
    await others();
    await clock.advance(1e6);
    expect(policy.get('kept').active).toBe(1);
    work.resolve();
    await call;
  });

  test('while a circuit of one keyed policy inside another is open', async () => {
    const { policy, others } = few(() =>
      keyed(() => circuitBreaker({ trip: consecutiveFailures(1), halfOpenAfterMs: 5_000, clock }), {
        key: () => 'host',
        clock,
      }),
    );
    await (policy as Policy).outcome(() => Promise.reject(new Error('down')));
    await others();
    await clock.advance(4_000);
    expect(policy.get('kept').get('host').state).toBe('open');

    const isolation = policy.get('kept').get('host').isolate();
    await clock.advance(1e6);
    expect(policy.has('kept')).toBe(true);

    isolation.release();
    await clock.advance(1e6);
    expect(policy.has('kept')).toBe(false);
  });

  test('until its limiter has all of its limit again', async () => {
    const { policy } = few(() =>
      rateLimiter({ algorithm: gcra({ limit: 1, windowMs: 60_000 }), clock }),
    );
    await policy.outcome(() => 1);
    await clock.advance(59_000);
    expect(policy.get('kept').peek().allowed).toBe(false);
    await clock.advance(10_000);
    expect(policy.has('kept')).toBe(false);
  });
});
