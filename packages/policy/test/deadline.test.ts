import {
  type Clock,
  contextKey,
  definePolicy,
  compose,
  isTimeoutError,
  noop,
} from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test, vi } from 'vitest';
import { Again } from './engine/layers.ts';

describe('a deadline', () => {
  test('is the tightest of the caller’s and of the timeouts outside', async () => {
    const clock = virtualClock({ startMs: 1_000 });
    const seen: (number | undefined)[] = [];
    const look = ({ deadline }: { deadline: number | undefined }): void => void seen.push(deadline);
    const outer = timeout({ afterMs: 100, clock });
    const inner = timeout({ afterMs: () => 50, clock });
    await noop.execute(look);
    await outer.execute(look);
    await compose(outer, inner).execute(look);
    await compose(outer, inner).execute(look, { deadline: 1_020 });
    await compose(
      outer,
      definePolicy('once', (next) => next()),
    ).execute(look);
    await compose(outer, inner).execute((context) =>
      compose(timeout({ afterMs: 500, clock })).execute(look, context),
    );
    expect(seen).toEqual([undefined, 1_100, 1_050, 1_020, 1_100, 1_050]);
  });

  test('is the one of the attempt after a retry', async () => {
    const clock = virtualClock();
    const seen: (number | undefined)[] = [];
    const policy = compose(
      timeout({ afterMs: 25, clock }),
      new Again(clock, 3, 10),
      timeout({ afterMs: 10, clock }),
    );
    const call = policy.outcome(({ deadline }) => {
      seen.push(deadline);
      throw new Error('failed');
    });
    await clock.runUntil(call);
    expect(seen).toEqual([10, 20, 25]);
  });

  test('that has passed keeps the operation from being called', async () => {
    const clock = virtualClock({ startMs: 50 });
    const operation = vi.fn();
    for (const policy of [timeout({ clock }), compose(timeout({ clock }), noop)]) {
      for (const deadline of [49, 50]) {
        const outcome = await policy.outcome(operation, { deadline });
        expect(!outcome.ok && isTimeoutError(outcome.error) && !outcome.error.started).toBe(true);
      }
    }
    expect(operation).not.toHaveBeenCalled();
  });

  test('by a strict clock of one’s own is never asked for in the past', async () => {
    let now = 0;
    const delays: number[] = [];
    const clock: Clock = {
      now: () => (now += 7),
      setTimeout: (_callback, delayMs) => {
        delays.push(delayMs);
        return { cancel: () => undefined, ref: () => undefined, unref: () => undefined };
      },
    };
    await timeout({ afterMs: 1, clock }).execute(() => 1);
    await timeout({ afterMs: () => 1, clock }).execute(() => 1);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
  });
});

describe('properties', () => {
  const tenant = contextKey<string>('tenant');

  test('are read by their key; the last entry of a key counts', async () => {
    const properties = [tenant('acme'), contextKey<number>('tenant')(1), tenant('globex')];
    expect(await noop.execute((context) => context.get(tenant), { properties })).toBe('globex');
    expect(await noop.execute((context) => context.get(tenant))).toBeUndefined();
    expect(tenant.keyName).toBe('tenant');
  });
});

test('attempts are counted from 1', async () => {
  const clock = virtualClock();
  const seen: number[] = [];
  const call = compose(
    new Again(clock, 3, 1),
    definePolicy('once', (next) => next()),
  ).outcome(({ attempt }) => {
    seen.push(attempt);
    throw new Error('failed');
  });
  await clock.runUntil(call);
  expect(seen).toEqual([1, 2, 3]);
});
