import { knownOptions, optionalFunction, positiveMilliseconds } from '@holdfast/policy';
import { growing, type GrowingOptions } from '../break-duration.ts';
import type { CircuitBreaker } from '../circuit-breaker.ts';
import type { CircuitExtra } from '../extra.ts';
import type { CircuitBreakerOptions } from '../options.ts';
import { ExtendedBreaker } from './extended-breaker.ts';
import { HealthProber, type ProbeHost, type ProbeRoutine } from './health-prober.ts';

/** What a {@link HealthCheck} is given. */
export interface HealthCheckContext {
  /** Aborted when the check has had its time, or when nobody wants its answer any more. */
  readonly signal: AbortSignal;
  /** Which check of this break it is, from 1 up. */
  readonly attempt: number;
}

/**
 * Looks whether what is called is well again. It is not well if this throws, rejects, or answers
 * false. The next check begins only after it has ended, so it should heed the signal.
 */
export type HealthCheck = (context: HealthCheckContext) => unknown;

/** What {@link healthProbe} can be told. */
export interface HealthProbeOptions {
  /**
   * The time before the first check and, as long as it has not grown, between two checks, before
   * jitter, in milliseconds.
   *
   * @default 1_000
   */
  readonly initialMs?: number | undefined;
  /**
   * What the time is multiplied by after each check that found no health, from 1 up.
   *
   * @default 2
   */
  readonly factor?: number | undefined;
  /**
   * The longest time between two checks, in milliseconds.
   *
   * @default 10_000 (`initialMs` if that is longer)
   */
  readonly maxMs?: number | undefined;
  /**
   * Up to which share of a time chance takes off, from 0 to 1, so that the checks of many processes
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
  /**
   * How long a check may take, in milliseconds. Then its signal is aborted, and it has found no health.
   *
   * @default 1_000
   */
  readonly timeoutMs?: number | undefined;
}

/** A circuit breaker that checks health while it is open; at the end of a `using` block it ceases to. */
export interface ProbingCircuitBreaker<in R = unknown>
  extends CircuitBreaker<R>,
    Disposable,
    AsyncDisposable {
  /** Ends the checks for good, and aborts one that is under way. The breaker itself works on. */
  [Symbol.dispose](): void;
  /** The same, and resolves when a check that is under way has ended. */
  [Symbol.asyncDispose](): Promise<void>;
}

export class HealthProbe implements CircuitExtra<'healthProbe'> {
  readonly extra = 'healthProbe';
  readonly options: Readonly<Record<string, unknown>>;
  private readonly routine: ProbeRoutine;

  constructor(routine: ProbeRoutine, options: Readonly<Record<string, unknown>>) {
    this.routine = routine;
    this.options = options;
  }

  makeProber(host: ProbeHost): HealthProber {
    return new HealthProber(host, this.routine);
  }

  makeBreaker<R>(options: CircuitBreakerOptions<R>): CircuitBreaker<R> {
    return new ExtendedBreaker(options);
  }
}

const names = ['initialMs', 'factor', 'maxMs', 'jitter', 'random', 'timeoutMs'];

/**
 * While the circuit is open, calls `check` now and then. As soon as it finds health the break is
 * over: the next call is the first probe, in place of one that comes after `halfOpenAfterMs`. It does
 * not close the circuit, since a health check takes another way than calls do. It checks no more once
 * the break is over, however that came, so that an idle breaker has no timers.
 *
 * One check runs at a time. Its timers do not keep the process alive, nor does it keep a breaker that
 * has been dropped. It runs in the async context in which the breaker was made. What it throws is on
 * the event `health-checked`.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * await using breaker = circuitBreaker({
 *   halfOpenAfterMs: 60_000,
 *   healthProbe: healthProbe(({ signal }) => readStock('health', { signal }), { initialMs: 500 }),
 * });
 * ```
 */
export function healthProbe(
  check: HealthCheck,
  options: HealthProbeOptions = {},
): CircuitExtra<'healthProbe'> {
  optionalFunction('check', check ?? null);
  const { initialMs = 1_000, factor = 2, jitter = 0.2 } = knownOptions(options, names);
  const { maxMs = Math.max(10_000, initialMs), random, timeoutMs = 1_000 } = options;
  positiveMilliseconds('initialMs', initialMs);
  positiveMilliseconds('timeoutMs', timeoutMs);
  const growth: GrowingOptions = { initialMs, factor, maxMs, jitter };
  const interval = growing({ ...growth, random });
  return new HealthProbe({ check, initialMs, interval, timeoutMs }, { ...growth, timeoutMs });
}
