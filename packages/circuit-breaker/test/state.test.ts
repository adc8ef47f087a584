import { describe, expect, test } from 'vitest';
import {
  type Admission,
  admission,
  type Circuit,
  closed,
  decision,
  forgotten,
  initial,
  isolated,
  opened,
  probed,
  probing,
  released,
} from '../src/state.ts';

const failure = { ok: false, error: 'down' } as const;
const open = opened(initial, { now: 100, openForMs: 50, failure });
const halfOpen = probing(open, 400);
const isolatedTwice = isolated(isolated(open));

describe('the admission of a call', () => {
  const rows: readonly [string, Circuit, number, number, Admission][] = [
    ['closed', initial, 1, 0, 'call'],
    ['open, before its time', open, 1, 149, 'refuse'],
    ['open, at its time', open, 1, 150, 'probe'],
    ['half-open, with a permit', halfOpen, 2, 150, 'probe'],
    ['half-open, without a permit', halfOpen, 1, 399, 'refuse'],
    ['half-open, with a probe that hangs', halfOpen, 1, 400, 'give-up'],
    ['isolated', isolatedTwice, 1, 10_000, 'refuse'],
  ];
  test.each(rows)('%s', (_, circuit, calls, now, expected) => {
    expect(admission(circuit, calls, now)).toBe(expected);
  });
});

describe('the decision of the probes', () => {
  const rows: readonly [number, number, number, number, 'close' | 'open' | 'wait'][] = [
    // calls, successes needed, succeeded, failed
    [1, 1, 0, 0, 'wait'],
    [1, 1, 1, 0, 'close'],
    [1, 1, 0, 1, 'open'],
    [3, 3, 2, 0, 'wait'],
    [3, 3, 2, 1, 'open'],
    [3, 2, 1, 1, 'wait'],
    [3, 2, 2, 1, 'close'],
    [3, 2, 0, 2, 'open'],
    [5, 1, 0, 4, 'wait'],
    [5, 1, 0, 5, 'open'],
  ];
  test.each(rows)('of %i calls, %i needed: %i succeeded, %i failed', (...row) => {
    const [halfOpenCalls, halfOpenSuccesses, succeeded, failed, expected] = row;
    const circuit = { ...halfOpen, succeeded, failed };
    expect(decision(circuit, { halfOpenCalls, halfOpenSuccesses })).toBe(expected);
  });

  test('is for a half-open circuit only', () => {
    const rules = { halfOpenCalls: 1, halfOpenSuccesses: 1 };
    expect(decision({ ...open, succeeded: 1 }, rules)).toBe('wait');
  });
});

describe('the transitions', () => {
  const rows: readonly [string, Circuit, Partial<Circuit>][] = [
    ['a circuit that opens', open, { state: 'open', epoch: 1, openings: 1, until: 150, failure }],
    ['the first probe', halfOpen, { state: 'half-open', epoch: 2, taken: 1, until: 400 }],
    ['a further probe', probing(halfOpen, 500), { epoch: 2, taken: 2, until: 500 }],
    ['a probe that succeeds', probed(halfOpen, 'success'), { taken: 1, succeeded: 1, epoch: 2 }],
    ['a probe that fails', probed(halfOpen, 'failure'), { taken: 1, failed: 1, epoch: 2 }],
    ['a probe that is ignored', probed(halfOpen, 'ignored'), { taken: 0, epoch: 2 }],
    [
      'a circuit that opens again because a probe hung',
      opened(halfOpen, { now: 400, openForMs: 50, failure: undefined }),
      { state: 'open', openings: 2, openedAt: 400, until: 450, failure },
    ],
    ['a half-open circuit that closes', closed(halfOpen), { ...initial, epoch: 3 }],
    ['the first isolation', isolated(halfOpen), { state: 'isolated', isolations: 1, epoch: 3 }],
    ['a further isolation', isolatedTwice, { state: 'isolated', isolations: 2, epoch: 2 }],
    ['a release', released(isolatedTwice), { state: 'isolated', isolations: 1, epoch: 2 }],
    ['the last release', released(isolated(open)), { ...initial, epoch: 3 }],
    ['a closed circuit that forgets its calls', forgotten(initial), { state: 'closed', epoch: 1 }],
    [
      'a half-open circuit that forgets its probes',
      forgotten(halfOpen),
      { state: 'open', epoch: 3, openings: 1, until: 100 },
    ],
  ];
  test.each(rows)('%s', (_, circuit, expected) => {
    expect(circuit).toMatchObject(expected);
  });

  test('change nothing in place', () => {
    const before = structuredClone(halfOpen);
    probing(halfOpen, 1);
    probed(halfOpen, 'failure');
    isolated(halfOpen);
    expect(halfOpen).toEqual(before);
  });
});
