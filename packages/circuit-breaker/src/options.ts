import {
  type Clock,
  commonOptions,
  invalidOption,
  knownOptions,
  oneOf,
  optionalFunction,
  type Outcome,
  positiveInteger,
  positiveMilliseconds,
  ratio,
} from '@holdfast/policy';
import { type BreakDuration, checkBreak } from './break-duration.ts';
import type { CircuitExtra } from './extra.ts';
import type { Trip } from './trip.ts';
import { type FailureRatioOptions, flatNames } from './trips/failure-ratio.ts';

/** Whether a circuit breaker does what it decides. */
export type CircuitMode = 'enforce' | 'shadow' | 'disabled';

/** What can be changed while a circuit breaker lives; see `configure`. */
export interface CircuitConfigureOptions<R = unknown> extends FailureRatioOptions {
  /**
   * When to open, in place of `failureRatio`, `windowMs` and `minimumCalls`: one trip, or several of
   * which any opens the circuit.
   *
   * @default undefined
   */
  readonly trip?: Trip | readonly Trip[] | undefined;
  /**
   * Whether a call that ended so is a failure, a success (false), or says nothing about the health of
   * what is called (`'ignore'`: it counts as neither, and a probe gives its permit back). It is not
   * asked about the caller's own abort, about a call that a layer inside did not let start, or about
   * a timeout that struck before the start: those are always ignored. It must be synchronous; what it
   * throws becomes the answer of the call, which is ignored.
   *
   * @default an error is a failure, unless it is a `RejectedError`
   */
  readonly isFailure?: ((outcome: Outcome<R>) => boolean | 'ignore') | undefined;
  /**
   * How long an open circuit lets no call in, in milliseconds; a function is asked each time it
   * opens. No timer runs: the first call after that time is the first probe.
   *
   * @default 5_000
   */
  readonly halfOpenAfterMs?: number | BreakDuration<R> | undefined;
  /**
   * How many calls a half-open circuit lets in to probe; it rejects all others.
   *
   * @default 1
   */
  readonly halfOpenCalls?: number | undefined;
  /**
   * How many of the probes must succeed to close the circuit. It opens again as soon as so many can
   * no longer succeed.
   *
   * @default all of `halfOpenCalls`
   */
  readonly halfOpenSuccesses?: number | undefined;
  /**
   * How long a probe may hold the circuit half-open, in milliseconds. Counted from the last permit
   * that was given; the first call after that time finds the circuit open again. Give more than this
   * if healthy calls may take longer.
   *
   * @default 30_000
   */
  readonly probeTimeoutMs?: number | undefined;
  /**
   * `'enforce'` rejects calls. `'shadow'` goes through the same states and has the same events and
   * metrics, but lets each call in; those that it would have rejected count for nothing. `'disabled'`
   * lets each call in and counts nothing; also while the circuit is isolated.
   *
   * @default 'enforce'
   */
  readonly mode?: CircuitMode | undefined;
}

/** How `configure` takes the options that it is given. */
export interface ReconfigureRules {
  /**
   * What becomes of the options that are not given: `'keep'` leaves them as they are, `'default'` sets
   * them to their defaults, as in a policy that is made with the same options.
   *
   * @default 'keep'
   */
  readonly others?: 'keep' | 'default' | undefined;
}

/** Returns whether the options that are not given are kept, or throws for rules that cannot be used. */
export function keepsOthers(rules: ReconfigureRules): boolean {
  const { others = 'keep' } = knownOptions(rules, ['others']);
  return oneOf('others', others, ['keep', 'default']) === 'keep';
}

/** What {@link circuitBreaker} can be told. */
export interface CircuitBreakerOptions<R = unknown> extends CircuitConfigureOptions<R> {
  /**
   * What becomes of the calls beyond the probes while the circuit is half-open: made by
   * {@link waitForProbe}, they wait for the decision. Without it they are rejected.
   *
   * @default undefined
   */
  readonly whenProbing?: CircuitExtra<'whenProbing'> | undefined;
  /**
   * Lets in a rising share of the calls once the probes have succeeded, in place of all at once: made
   * by {@link ramp}.
   *
   * @default undefined
   */
  readonly ramp?: CircuitExtra<'ramp'> | undefined;
  /**
   * Looks after the health of what is called while the circuit is open, and ends the break as soon as
   * all is well: made by {@link healthProbe}.
   *
   * @default undefined
   */
  readonly healthProbe?: CircuitExtra<'healthProbe'> | undefined;
  /**
   * The name for errors, events and `describe()`.
   *
   * @default 'circuit-breaker'
   */
  readonly name?: string | undefined;
  /**
   * Where the time comes from.
   *
   * @default systemClock
   */
  readonly clock?: Clock | undefined;
}

type Check = (name: string, value: never) => unknown;

/** What each option has to pass if it is given. */
const checks: Readonly<Record<string, Check>> = {
  failureRatio: ratio,
  windowMs: positiveMilliseconds,
  minimumCalls: positiveInteger,
  trip: checkTrip,
  isFailure: optionalFunction,
  halfOpenAfterMs: checkBreak,
  halfOpenCalls: positiveInteger,
  halfOpenSuccesses: positiveInteger,
  probeTimeoutMs: positiveMilliseconds,
  mode: (name, mode) => oneOf(name, mode as string, ['enforce', 'shadow', 'disabled']),
};

/** The options that `configure` knows. */
export const settingNames: readonly string[] = Object.keys(checks);
const extraNames = ['whenProbing', 'ramp', 'healthProbe'] as const;

function checkTrip(name: string, trip: unknown): void {
  const trips = [trip].flat() as readonly (Partial<Trip> | undefined)[];
  if (trips.length > 0 && trips.every((each) => typeof each?.counter === 'function')) return;
  throw invalidOption(name, 'a trip such as consecutiveFailures(5), or several', trip, TypeError);
}

/** Throws an error that names the first option that cannot be used to reconfigure. */
export function checkReconfiguration(
  options: CircuitConfigureOptions<never>,
  further: readonly string[] = [],
): void {
  const given: Readonly<Record<string, unknown>> = {
    ...knownOptions(options, [...settingNames, ...further]),
  };
  for (const name of settingNames) {
    if (given[name] !== undefined) checks[name]?.(name, given[name] as never);
  }
  const flat = flatNames.find((name) => given[name] !== undefined);
  if (given['trip'] !== undefined && flat !== undefined) {
    throw new TypeError(`Expected either \`trip\` or \`${flat}\`; use failureRatio() as a trip.`);
  }
}

/** Throws an error that names the first option that cannot be used; returns an extra if one is given. */
export function checkOptions(options: CircuitBreakerOptions<never>): CircuitExtra | undefined {
  checkReconfiguration(options, [...extraNames, 'name', 'clock']);
  commonOptions(options);
  let extra: CircuitExtra | undefined;
  for (const name of extraNames) {
    const given = options[name];
    if (given === undefined) continue;
    if (given?.extra !== name) {
      throw invalidOption(name, 'what a function of this package made for it', given, TypeError);
    }
    extra = given;
  }
  return extra;
}
