import * as ours from '@holdfast/interop/cockatiel';
import * as theirs from 'cockatiel';
import { expect, vi } from 'vitest';

/** Either library: the tests see both as ours, and `types.test-d.ts` proves that this is no lie. */
export type Library = typeof ours;

export const libraries: Readonly<Record<'ours' | 'theirs', Library>> = {
  ours,
  theirs: theirs as unknown as Library,
};

/** What a scenario works with. */
export interface Stage {
  readonly lib: Library;
  /** Writes a line into the log that is compared, with the time. */
  readonly log: (what: string, detail?: unknown) => void;
  /** Lets time go by. */
  readonly advance: (ms: number) => Promise<void>;
  /** Logs what becomes of a call. */
  readonly follow: (name: string, call: Promise<unknown>) => void;
  /** Logs all events of a policy. */
  readonly listen: (name: string, policy: object) => void;
}

export type Scenario = (stage: Stage) => void | Promise<void>;

const begin = 1_700_000_000_000;

/** Tells an error or a value in a way that is the same for both libraries. */
function shown(value: unknown): unknown {
  if (value instanceof Error) return `${value.constructor.name}: ${value.message}`;
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, each]) => [key, shown(each)] as const);
    return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }
  return value;
}

/** Runs a scenario with one of the libraries on fake timers; returns what it logged. */
export async function play(lib: Library, scenario: Scenario): Promise<readonly string[]> {
  vi.useFakeTimers({ now: begin });
  const lines: string[] = [];
  const log: Stage['log'] = (what, detail) => {
    const told = detail === undefined ? '' : ` ${JSON.stringify(shown(detail))}`;
    lines.push(`${Date.now() - begin} ${what}${told}`);
  };
  const follow: Stage['follow'] = (name, call) => {
    call.then(
      (value) => log(`${name} resolves`, value),
      (error: unknown) => log(`${name} rejects`, error),
    );
  };
  const listen: Stage['listen'] = (name, policy) => {
    const events = ['onSuccess', 'onFailure', 'onRetry', 'onGiveUp', 'onBreak', 'onReset'] as const;
    for (const event of [...events, 'onHalfOpen', 'onStateChange', 'onTimeout', 'onReject']) {
      const subscribe = (policy as Record<string, unknown>)[event];
      if (typeof subscribe !== 'function') continue;
      (subscribe as ours.Event<unknown>)((data) => log(`${name} ${event}`, data));
    }
  };
  const advance = async (ms: number): Promise<void> => {
    await vi.advanceTimersByTimeAsync(ms);
  };
  try {
    await scenario({ lib, log, advance, follow, listen });
    await vi.advanceTimersByTimeAsync(10_000_000);
  } finally {
    vi.useRealTimers();
  }
  return lines;
}

/** Runs a scenario with both libraries and compares what they logged, line by line. */
export async function sameInBoth(scenario: Scenario): Promise<readonly string[]> {
  const expected = await play(libraries.theirs, scenario);
  const actual = await play(libraries.ours, scenario);
  expect(actual).toEqual(expected);
  return actual;
}

/** Runs a scenario with both libraries; returns what each logged. */
export async function inBoth(
  scenario: Scenario,
): Promise<Readonly<Record<'ours' | 'theirs', readonly string[]>>> {
  return {
    theirs: await play(libraries.theirs, scenario),
    ours: await play(libraries.ours, scenario),
  };
}

/** Waits on the fake clock. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

export class Handled extends Error {}
export class Unhandled extends Error {}
