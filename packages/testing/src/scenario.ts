import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import type { AnyPolicy, Outcome } from '@holdfast/policy';
import { asCallable } from './contract/subject.ts';
import type { ScenarioStep } from './scenario-step.ts';
import type { VirtualClock } from './virtual-clock.ts';
import { virtualClock } from './virtual-clock.ts';

/** What a {@link Scenario} is to come to; what is left out is not compared. */
export interface ScenarioExpectation {
  /** The value of the call. The call has to succeed. */
  readonly value?: unknown;
  /** The error of the call: the very object, or the class or the `code` of the error. */
  readonly error?: unknown;
  /** How often the operation was called. */
  readonly operations?: number | undefined;
  /** The number of the last attempt that called the operation. */
  readonly attempts?: number | undefined;
  /** How much virtual time the call took, in milliseconds. */
  readonly elapsedMs?: number | undefined;
}

/** What a scenario came to, for whatever {@link ScenarioExpectation} cannot say. */
export interface ScenarioReport {
  /** How the call ended. */
  readonly outcome: Outcome<unknown>;
  /** How often the operation was called. */
  readonly operations: number;
  /** The number of the last attempt, counted from 1; 0 when there was none. */
  readonly attempts: number;
  /** How much virtual time the call took, in milliseconds. */
  readonly elapsedMs: number;
}

/** How a call under a policy goes when its operation does as told; see {@link scenario}. */
export interface Scenario {
  /**
   * What the operation does each time that it is called, in turn: `returns`, `fails`, `hangs`, or a
   * function of your own. A call more than there are steps fails the scenario.
   */
  when(steps: readonly ScenarioStep[]): Scenario;
  /** Has the caller give up after that many milliseconds. */
  abortedAfter(delayMs: number, reason?: unknown): Scenario;
  /**
   * Plays it, compares, and checks that nothing is left: no timer that keeps the process alive, no
   * listener on the caller's signal, no rejection without a handler.
   *
   * @throws `AssertionError` that says what differs.
   */
  expect(expected: ScenarioExpectation): Promise<ScenarioReport>;
}

interface Script {
  readonly steps: readonly ScenarioStep[];
  readonly abort?: { readonly delayMs: number; readonly reason: unknown };
}

/** Counts what the operation of a scenario is asked to do. */
interface Tally {
  operations: number;
  attempts: number;
}

class PlayableScenario implements Scenario {
  private readonly make: (clock: VirtualClock) => AnyPolicy;
  private readonly script: Script;

  constructor(make: (clock: VirtualClock) => AnyPolicy, script: Script) {
    this.make = make;
    this.script = script;
  }

  when(steps: readonly ScenarioStep[]): Scenario {
    return new PlayableScenario(this.make, { ...this.script, steps });
  }

  abortedAfter(delayMs: number, reason?: unknown): Scenario {
    return new PlayableScenario(this.make, { ...this.script, abort: { delayMs, reason } });
  }

  async expect(expected: ScenarioExpectation): Promise<ScenarioReport> {
    const strays: unknown[] = [];
    const onStray = (reason: unknown): void => void strays.push(reason);
    process.on('unhandledRejection', onStray);
    try {
      const report = await this.play();
      compare(report, expected);
      assert.deepEqual(strays, [], 'a rejection was left without a handler');
      return report;
    } finally {
      process.off('unhandledRejection', onStray);
    }
  }

  private async play(): Promise<ScenarioReport> {
    const clock = virtualClock();
    const policy = asCallable(this.make(clock));
    const caller = new AbortController();
    const { abort } = this.script;
    const tally: Tally = { operations: 0, attempts: 0 };
    const ends: (() => void)[] = [];
    const call = policy.outcome(this.operation(tally, { clock, ends }), { signal: caller.signal });
    const alarm = abort && clock.setTimeout(() => caller.abort(abort.reason), abort.delayMs);
    const outcome = await clock.runUntil(call);
    const elapsedMs = clock.now();
    alarm?.cancel();
    for (const end of ends) end();
    await checkClean(clock, caller.signal);
    return { outcome, ...tally, elapsedMs };
  }

  private operation(tally: Tally, stage: Pick<StepStage, 'clock' | 'ends'>) {
    return (context: Parameters<ScenarioStep>[0]['context']): unknown => {
      const step = this.script.steps[tally.operations++];
      tally.attempts = context.attempt;
      assert.ok(
        step,
        `the operation was called ${tally.operations} times; there is no step for that`,
      );
      return step({ ...stage, context });
    };
  }
}

type StepStage = Parameters<ScenarioStep>[0];

async function checkClean(clock: VirtualClock, signal: AbortSignal): Promise<void> {
  await clock.flush();
  const idleAt = clock.now();
  await clock.runUntilIdle();
  assert.equal(clock.now(), idleAt, 'a timer is left that keeps the process alive');
  const listeners = getEventListeners(signal, 'abort').length;
  assert.equal(listeners, 0, "a listener is left on the caller's signal");
}

function compare(report: ScenarioReport, expected: ScenarioExpectation): void {
  const { outcome } = report;
  if ('value' in expected) {
    assert.ok(
      outcome.ok,
      `expected a value, got the error ${String(!outcome.ok && outcome.error)}`,
    );
    assert.deepEqual(outcome.value, expected.value);
  }
  if ('error' in expected) {
    assert.ok(
      !outcome.ok,
      `expected an error, got the value ${String(outcome.ok && outcome.value)}`,
    );
    assert.ok(isError(outcome.error, expected.error), `unexpected error: ${String(outcome.error)}`);
  }
  for (const name of ['operations', 'attempts', 'elapsedMs'] as const) {
    if (expected[name] !== undefined) assert.equal(report[name], expected[name], name);
  }
}

function isError(error: unknown, expected: unknown): boolean {
  if (Object.is(error, expected)) return true;
  if (typeof expected === 'function') return error instanceof expected;
  const hasCode = typeof error === 'object' && error !== null && 'code' in error;
  return hasCode && typeof expected === 'string' && error.code === expected;
}

/**
 * Plays one call under a policy on a virtual clock, with an operation that does as told, and compares
 * how it went. The policy is made with the clock of the scenario, anew for each `expect`.
 *
 * After the call the steps that hang are ended, and nothing may be left behind.
 *
 * @throws `TypeError` when `make` is not a function.
 *
 * @example
 * ```ts
 * await scenario((clock) => compose(retry({ clock }), timeout({ afterMs: 100, clock })))
 *   .when([fails(new Error('reset')), hangs(), returns('stock')])
 *   .expect({ value: 'stock', operations: 3 });
 * ```
 */
export function scenario(make: (clock: VirtualClock) => AnyPolicy): Scenario {
  if (typeof make !== 'function') {
    throw new TypeError(`Expected \`make\` to be a function, got ${typeof make}.`);
  }
  return new PlayableScenario(make, { steps: [] });
}
