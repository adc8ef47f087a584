import {
  invalidOption,
  knownOptions,
  milliseconds,
  numberBetween,
  optionalFunction,
  type Outcome,
} from '@holdfast/policy';

/** What a function for `halfOpenAfterMs` is told. */
export interface BreakInfo<out R = unknown> {
  /** How often in a row the circuit has opened without closing in between, from 1 up. */
  readonly openings: number;
  /** The failure, or slow call, that opens the circuit; undefined when a probe hung. */
  readonly outcome: Outcome<R> | undefined;
}

/** Tells for how many milliseconds a circuit that opens lets no call in. */
export type BreakDuration<R = unknown> = (info: BreakInfo<R>) => number;

/** What {@link growing} can be told. */
export interface GrowingOptions {
  /**
   * The first break before jitter, in milliseconds.
   *
   * @default 5_000
   */
  readonly initialMs?: number | undefined;
  /**
   * What each break is multiplied by to get the next, from 1 up.
   *
   * @default 2
   */
  readonly factor?: number | undefined;
  /**
   * The longest break, in milliseconds.
   *
   * @default 60_000 (`initialMs` if that is longer)
   */
  readonly maxMs?: number | undefined;
  /**
   * Up to which share of a break chance takes off, from 0 to 1, so that the probes of many processes
   * do not come together.
   *
   * @default 0.2
   */
  readonly jitter?: number | undefined;
  /**
   * Where chance comes from: numbers from 0 up to, but not including, 1.
   *
   * @default Math.random
   */
  readonly random?: (() => number) | undefined;
}

/**
 * Breaks that grow as long as the circuit opens again without having closed: by default up to 5, 10,
 * 20, 40 and 60 seconds. Once it has closed they begin anew.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const breaker = circuitBreaker({ halfOpenAfterMs: growing({ initialMs: 1_000 }) });
 * ```
 */
export function growing(options: GrowingOptions = {}): BreakDuration {
  const names = ['initialMs', 'factor', 'maxMs', 'jitter', 'random'];
  const { initialMs = 5_000, factor = 2 } = knownOptions(options, names);
  const { maxMs = Math.max(60_000, initialMs) } = options;
  const { jitter = 0.2, random = Math.random } = options;
  milliseconds('initialMs', initialMs);
  milliseconds('maxMs', maxMs);
  if (maxMs < initialMs) throw invalidOption('maxMs', `at least ${initialMs}`, maxMs, RangeError);
  numberBetween('factor', factor, 1, 1_000);
  numberBetween('jitter', jitter, 0, 1);
  optionalFunction('random', random);
  return ({ openings }) => {
    const longest = initialMs === 0 ? 0 : Math.min(maxMs, initialMs * factor ** (openings - 1));
    return longest * (1 - jitter * random());
  };
}

/** What {@link retryAfter} can be told. */
export interface RetryAfterOptions<R = unknown> {
  /**
   * The break when the failure tells none: milliseconds or a function, such as {@link growing}.
   *
   * @default 5_000
   */
  readonly otherwiseMs?: number | BreakDuration<R> | undefined;
  /**
   * The longest break that a failure may ask for, in milliseconds.
   *
   * @default 300_000
   */
  readonly maxMs?: number | undefined;
  /**
   * Finds the milliseconds in the failure; undefined when it tells none. Give one for failures that
   * are values, such as a response with a `Retry-After` header.
   *
   * @default the property `retryAfterMs` of the error
   */
  readonly read?: ((outcome: Outcome<R>) => number | undefined) | undefined;
}

function ofError(outcome: Outcome<unknown>): unknown {
  if (outcome.ok || typeof outcome.error !== 'object' || outcome.error === null) return undefined;
  return (outcome.error as { readonly retryAfterMs?: unknown }).retryAfterMs;
}

/**
 * Takes the break from the failure that opens the circuit, if it tells how long to stay away.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const breaker = circuitBreaker({ halfOpenAfterMs: retryAfter({ otherwiseMs: growing() }) });
 * ```
 */
export function retryAfter<R = unknown>(options: RetryAfterOptions<R> = {}): BreakDuration<R> {
  const known = knownOptions(options, ['otherwiseMs', 'maxMs', 'read']);
  const { otherwiseMs = 5_000, maxMs = 300_000, read = ofError } = known;
  checkBreak('otherwiseMs', otherwiseMs);
  milliseconds('maxMs', maxMs);
  optionalFunction('read', read);
  return (info) => {
    const told = info.outcome === undefined ? undefined : read(info.outcome);
    if (typeof told === 'number' && told >= 0) return Math.min(told, maxMs);
    return typeof otherwiseMs === 'number' ? otherwiseMs : otherwiseMs(info);
  };
}

/** Throws an error that names the option unless it is milliseconds or a function. */
export function checkBreak(name: string, value: unknown): void {
  if (typeof value === 'function') return;
  if (typeof value === 'number') milliseconds(name, value);
  else throw invalidOption(name, 'a number of milliseconds or a function', value, TypeError);
}
