import { knownOptions, positiveInteger, positiveMilliseconds, ratio } from '@holdfast/policy';
import { TimeWindow } from '../time-window.ts';
import { sharedTrip, type Trip, type TripCounter, type TripReading } from '../trip.ts';

/** What {@link failureRatio} can be told; the flat options of a circuit breaker are the same. */
export interface FailureRatioOptions {
  /**
   * The share of failures among the calls of the window that opens the circuit, above 0 and up to 1.
   *
   * @default 0.5 (as in resilience4j)
   */
  readonly failureRatio?: number | undefined;
  /**
   * How far back calls count, in milliseconds. The window moves on by tenths of itself.
   *
   * @default 30_000 (as in Polly)
   */
  readonly windowMs?: number | undefined;
  /**
   * How many calls the window must have before the circuit may open.
   *
   * @default 20 (as in Hystrix)
   */
  readonly minimumCalls?: number | undefined;
}

/** The names of {@link FailureRatioOptions}. */
export const flatNames = ['failureRatio', 'windowMs', 'minimumCalls'] as const;

type Limits = Readonly<Record<keyof FailureRatioOptions, number>>;

class RatioCounter implements TripCounter {
  private readonly limits: Limits;
  readonly window: TimeWindow;

  constructor(limits: Limits, former: TripCounter | undefined) {
    this.limits = limits;
    this.window = new TimeWindow(limits.windowMs);
    if (former instanceof RatioCounter) this.window.takeOver(former.window);
  }

  success(now: number): boolean {
    this.window.add(now, false);
    return false;
  }

  failure(now: number): boolean {
    const { limits, window } = this;
    window.add(now, true);
    return window.calls >= limits.minimumCalls && window.hits / window.calls >= limits.failureRatio;
  }

  reset(): void {
    this.window.clear();
  }

  reading(now: number): TripReading {
    this.window.expire(now);
    const { calls, hits } = this.window;
    const value = calls === 0 ? 0 : hits / calls;
    return { trip: 'failureRatio', calls, hits, value, limit: this.limits.failureRatio };
  }
}

/** The trip of options that have been looked at. */
export function ratioTrip(options: FailureRatioOptions): Trip {
  const { failureRatio: share = 0.5, windowMs = 30_000, minimumCalls = 20 } = options;
  const limits = { failureRatio: share, windowMs, minimumCalls };
  return sharedTrip({
    trip: 'failureRatio',
    options: limits,
    needsTime: 'calls',
    counter: (former) => new RatioCounter(limits, former),
  });
}

/**
 * Opens the circuit when the share of failures in a window of time is too high. This is what a
 * circuit breaker does without a `trip`; use it to have another trip beside it. Only a failure opens
 * the circuit, not the success that makes the calls enough.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const breaker = circuitBreaker({
 *   trip: [failureRatio({ windowMs: 10_000 }), slowCalls({ slowCallMs: 1_000 })],
 * });
 * ```
 */
export function failureRatio(options: FailureRatioOptions = {}): Trip {
  const { failureRatio: share, windowMs, minimumCalls } = knownOptions(options, flatNames);
  if (share !== undefined) ratio('failureRatio', share);
  if (windowMs !== undefined) positiveMilliseconds('windowMs', windowMs);
  if (minimumCalls !== undefined) positiveInteger('minimumCalls', minimumCalls);
  return ratioTrip(options);
}
