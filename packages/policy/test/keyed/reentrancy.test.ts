import { type Bulkhead, bulkhead } from '@holdfast/bulkhead';
import { type Keyed, keyed } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { describe, expect, test } from 'vitest';
import { Remembering } from './remembering-layer.ts';

describe('a key has one policy', () => {
  test('also where makePolicy itself asks for that key', async () => {
    const clock = virtualClock();
    let made = 0;
    const policy: Keyed<Bulkhead> = keyed(
      () => {
        made++;
        if (made === 1) policy.get('a');
        return bulkhead({ name: `bulkhead ${made}`, clock });
      },
      { key: () => 'a', idleMs: 100, clock },
    );
    const first = policy.get('a');
    await policy.execute(() => {
      expect(policy.get('a')).toBe(first);
    });
    await clock.advance(1_000);
    expect(policy.size).toBe(0);
  });

  test.each(['full', 'idle'])(
    'also where a listener calls for it while another is forgotten, since that is %s',
    async (reason) => {
      const clock = virtualClock();
      const policy = keyed(() => new Remembering('remembering'), {
        key: (): string => 'b',
        maxKeys: reason === 'full' ? 1 : 9,
        idleMs: 100,
        clock,
      });
      policy.get('a');
      const early: unknown[] = [];
      const end = policy.on('forgotten', () => early.push(policy.get('b')));
      // A timer that is late: the sweep is for whoever makes the next key.
      const now = clock.now.bind(clock);
      if (reason === 'idle') clock.now = () => now() + 150;
      await policy.execute(() => expect([policy.get('b')]).toEqual(early));
      clock.now = now;
      end();
      expect(early).toHaveLength(1);
      await clock.advance(1_000);
      expect(policy.size).toBe(0);
    },
  );
});

test('a key goes when its time is over, also where that is lost in rounding', async () => {
  for (const startMs of [0.1, 1 / 3, 1e9 + 1 / 3]) {
    for (const idleMs of [1e-9, 0.1, 1 / 3, 10 / 3, 100]) {
      const clock = virtualClock({ startMs });
      const policy = keyed(() => new Remembering('remembering'), { key: () => 'a', idleMs, clock });
      const { mattersMs } = policy.get('a');
      policy.get('a').mattersMs = 1;
      await clock.advance(idleMs + 3);
      expect(policy.has('a')).toBe(true);
      policy.get('a').mattersMs = mattersMs;
      await clock.advance(idleMs + 3);
      expect(policy.has('a')).toBe(false);
    }
  }
});
