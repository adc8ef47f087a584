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
} from '@holdfast/policy';
import { type BreakDuration, checkBreak } from './break-duration.ts';
import type { Trip } from './trip.ts';
import type { FailureRatioOptions } from './trips/failure-ratio.ts';

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

/** What {@link circuitBreaker} can be told. */
export interface CircuitBreakerOptions<R = unknown> extends CircuitConfigureOptions<R> {
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

const flatNames = ['failureRatio', 'windowMs', 'minimumCalls'] as const;
const settingNames = [
  ...flatNames,
  'trip',
  'isFailure',
  'halfOpenAfterMs',
  'halfOpenCalls',
  'halfOpenSuccesses',
  'probeTimeoutMs',
  'mode',
];

/** The flat options that are given, or undefined if none is. */
export function flatOf(options: FailureRatioOptions): FailureRatioOptions | undefined {
  const given = flatNames.filter((name) => options[name] !== undefined);
  if (given.length === 0) return undefined;
  return Object.fromEntries(given.map((name) => [name, options[name]]));
}

function checkTrip(trip: unknown): void {
  const trips = Array.isArray(trip) ? trip : [trip];
  const areTrips = trips.every(
    (each: Partial<Trip> | undefined) => typeof each?.counter === 'function',
  );
  if (trips.length > 0 && areTrips) return;
  throw invalidOption('trip', 'a trip such as consecutiveFailures(5), or several', trip, TypeError);
}

function checkSettings(options: CircuitConfigureOptions<never>): void {
  const { trip, isFailure, halfOpenAfterMs, halfOpenCalls, halfOpenSuccesses } = options;
  const { probeTimeoutMs, mode } = options;
  if (trip !== undefined) {
    checkTrip(trip);
    const flat = Object.keys(flatOf(options) ?? {})[0];
    if (flat !== undefined) {
      throw new TypeError(`Expected either \`trip\` or \`${flat}\`; use failureRatio() as a trip.`);
    }
  }
  optionalFunction('isFailure', isFailure);
  if (halfOpenAfterMs !== undefined) checkBreak('halfOpenAfterMs', halfOpenAfterMs);
  if (halfOpenCalls !== undefined) positiveInteger('halfOpenCalls', halfOpenCalls);
  if (halfOpenSuccesses !== undefined) positiveInteger('halfOpenSuccesses', halfOpenSuccesses);
  if (probeTimeoutMs !== undefined) positiveMilliseconds('probeTimeoutMs', probeTimeoutMs);
  if (mode !== undefined) oneOf('mode', mode, ['enforce', 'shadow', 'disabled']);
}

/** Throws an error that names the first option that cannot be used. */
export function checkOptions(options: CircuitBreakerOptions<never>): void {
  checkSettings(knownOptions(options, [...settingNames, 'name', 'clock']));
  commonOptions(options);
}

/** Throws an error that names the first option that cannot be used to reconfigure. */
export function checkReconfiguration(options: CircuitConfigureOptions<never>): void {
  checkSettings(knownOptions(options, settingNames));
}
