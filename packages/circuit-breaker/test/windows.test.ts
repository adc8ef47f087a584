import { array, assert, boolean, integer, property, record, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CallWindow } from '../src/call-window.ts';
import { parts, TimeWindow } from '../src/time-window.ts';

interface Entry {
  readonly at: number;
  readonly isHit: boolean;
}

/** What a window must show: the entries of the newest ten parts. */
function recount(entries: readonly Entry[], now: number, partMs: number): [number, number] {
  const newest = Math.floor(now / partMs);
  const inView = entries.filter(({ at }) => Math.floor(at / partMs) > newest - parts);
  return [inView.length, inView.filter(({ isHit }) => isHit).length];
}

describe('a window of time', () => {
  test('counts as a naive recount by parts does, from any origin of the clock', () => {
    const step = record({ waitMs: integer({ min: 0, max: 400 }), isHit: boolean() });
    assert(
      property(
        integer({ min: -5_000, max: 5_000 }),
        array(step, { maxLength: 60, size: 'max' }),
        (origin, steps) => {
          const window = new TimeWindow(1_000);
          const entries: Entry[] = [];
          let now = origin;
          for (const { waitMs, isHit } of steps) {
            now += waitMs;
            window.expire(now);
            expect([window.calls, window.hits]).toEqual(recount(entries, now, 100));
            window.add(now, isHit);
            entries.push({ at: now, isHit });
          }
          expect([window.calls, window.hits]).toEqual(recount(entries, now, 100));
        },
      ),
    );
  });

  test('keeps a call for nine tenths of itself at least, and for all of itself at most', () => {
    const boundaries: readonly [number, number, number][] = [
      [0, 999, 1_000],
      [99, 999, 1_000],
      [100, 1_099, 1_100],
    ];
    for (const [at, lastSeen, firstGone] of boundaries) {
      const window = new TimeWindow(1_000);
      window.add(at, true);
      window.expire(lastSeen);
      expect(window.hits).toBe(1);
      window.expire(firstGone);
      expect(window.hits).toBe(0);
    }
  });

  test('counts a reading from before its newest part in that part', () => {
    const window = new TimeWindow(1_000);
    window.add(550, true);
    window.add(449, true);
    window.expire(1_450);
    expect(window.hits).toBe(2);
    window.expire(1_500);
    expect(window.hits).toBe(0);
  });

  test('forgets all after an idle time, however long', () => {
    const window = new TimeWindow(1_000);
    window.add(0, true);
    window.expire(1e12);
    expect([window.calls, window.hits]).toEqual([0, 0]);
  });

  test('takes over what another window of any length has in view', () => {
    const entry = tuple(integer({ min: 0, max: 999 }), boolean());
    assert(
      property(array(entry), integer({ min: 1_000, max: 50_000 }), (list, windowMs) => {
        const former = new TimeWindow(1_000);
        for (const [at, isHit] of list.toSorted(([a], [b]) => a - b)) former.add(at, isHit);
        const window = new TimeWindow(windowMs);
        window.takeOver(former);
        expect([window.calls, window.hits]).toEqual([former.calls, former.hits]);
      }),
    );
  });
});

describe('a window of calls', () => {
  test('counts as a naive recount does', () => {
    assert(
      property(
        integer({ min: 1, max: 100 }),
        array(boolean(), { maxLength: 300, size: 'max' }),
        (size, calls) => {
          const window = new CallWindow(size);
          calls.forEach((isHit, i) => {
            window.add(isHit);
            const inView = calls.slice(0, i + 1).slice(-size);
            expect([window.calls, window.hits]).toEqual([
              inView.length,
              inView.filter(Boolean).length,
            ]);
          });
        },
      ),
    );
  });

  test('takes over the last calls of another window, and replaces the oldest first', () => {
    const size = integer({ min: 1, max: 70 });
    const calls = array(boolean(), { maxLength: 150, size: 'max' });
    assert(
      property(size, size, calls, calls, (formerSize, newSize, before, after) => {
        const former = new CallWindow(formerSize);
        for (const isHit of before) former.add(isHit);
        const window = new CallWindow(newSize);
        window.takeOver(former);
        for (const isHit of after) window.add(isHit);
        const seen = [...before.slice(-formerSize).slice(-newSize), ...after].slice(-newSize);
        expect([window.calls, window.hits]).toEqual([seen.length, seen.filter(Boolean).length]);
      }),
    );
  });
});
