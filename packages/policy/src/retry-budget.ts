import { type Clock, recentTime, systemClock } from './clock.ts';
import { commonOptions, knownOptions, numberBetween, positiveMilliseconds } from './options.ts';

/**
 * What the retries of many calls have to share, so that they cannot multiply the load of a
 * dependency that is failing already. `retry` takes one as its option `budget`, and a call may bring
 * one along as `retryBudget`: where there are both, both have to grant a retry. Give the same to all
 * that call the same dependency.
 *
 * {@link retryBudget} and {@link concurrentRetryBudget} make one; it can be your own as well.
 */
export interface RetryBudget {
  /** A call begins: its first attempt pays into the budget. */
  begin(): void;
  /** A call that {@link RetryBudget.begin} announced has been answered. */
  end(): void;
  /** Takes one retry out of the budget; false when there is none left. */
  tryRetry(): boolean;
  /** A retry that {@link RetryBudget.tryRetry} granted has been answered. */
  retryEnded(): void;
}

/** A budget that tells how much of it is left. */
export interface MeasuredRetryBudget extends RetryBudget {
  /** How many retries it would grant at this moment, if no call began or ended. */
  readonly available: number;
}

/** What {@link retryBudget} can be told. */
export interface RetryBudgetOptions {
  /**
   * How many retries each call earns, from 0 to 1: with 0.2, five calls earn one.
   *
   * @default 0.2 (as in Finagle and linkerd)
   */
  readonly ratio?: number | undefined;
  /**
   * How many retries there are per second whatever the load, for clients with few calls.
   *
   * @default 10 (as in Finagle and linkerd)
   */
  readonly minPerSecond?: number | undefined;
  /**
   * For how long a call counts, and a retry against it, in milliseconds. In steps of a tenth.
   *
   * @default 10_000 (as in Finagle and linkerd)
   */
  readonly windowMs?: number | undefined;
  /**
   * Where the time comes from.
   *
   * @default systemClock
   */
  readonly clock?: Clock | undefined;
}

const buckets = 10;

interface CheckedOptions {
  readonly ratio: number;
  readonly minPerSecond: number;
  readonly windowMs: number;
  readonly clock: Clock;
}

/** Counts of calls and retries in a ring of buckets, with running totals: all that is kept. */
class WindowedBudget implements MeasuredRetryBudget {
  private readonly ratio: number;
  private readonly floor: number;
  private readonly bucketMs: number;
  private readonly clock: Clock;
  private readonly callsOf: number[] = new Array<number>(buckets).fill(0);
  private readonly retriesOf: number[] = new Array<number>(buckets).fill(0);
  private calls = 0;
  private retries = 0;
  /** The number of the present bucket, counted from the origin of the clock. */
  private tick = Number.NEGATIVE_INFINITY;

  constructor(options: CheckedOptions) {
    this.ratio = options.ratio;
    this.floor = options.minPerSecond * (options.windowMs / 1_000);
    this.bucketMs = options.windowMs / buckets;
    this.clock = options.clock;
  }

  get available(): number {
    this.turnTo(this.clock.now());
    return Math.max(0, Math.floor(this.balance()));
  }

  begin(): void {
    const place = this.turnTo(recentTime(this.clock));
    this.callsOf[place] = (this.callsOf[place] as number) + 1;
    this.calls++;
  }

  end(): void {}

  tryRetry(): boolean {
    const place = this.turnTo(this.clock.now());
    if (this.balance() < 1) return false;
    this.retriesOf[place] = (this.retriesOf[place] as number) + 1;
    this.retries++;
    return true;
  }

  retryEnded(): void {}

  /** Multiplied out at each question: sums of fractions would drift. */
  private balance(): number {
    return this.ratio * this.calls + this.floor - this.retries;
  }

  /** Forgets what has left the window by now; returns the place of the present bucket. */
  private turnTo(now: number): number {
    const tick = Math.max(this.tick, Math.floor(now / this.bucketMs));
    const passed = Math.min(buckets, tick - this.tick);
    for (let i = 0; i < passed; i++) this.forget(placeOf(tick - i));
    this.tick = tick;
    return placeOf(tick);
  }

  private forget(place: number): void {
    this.calls -= this.callsOf[place] as number;
    this.retries -= this.retriesOf[place] as number;
    this.callsOf[place] = 0;
    this.retriesOf[place] = 0;
  }
}

function placeOf(tick: number): number {
  return ((tick % buckets) + buckets) % buckets;
}

/**
 * A budget by the rate of calls: each call of the last `windowMs` earns `ratio` of a retry, and there
 * are `minPerSecond` on top. While a dependency is down, its load grows by a fifth at most, instead of
 * by `maxAttempts` times. It holds some numbers, whatever the load, and needs no timer.
 *
 * Source of the algorithm: `RetryBudget` of Finagle.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const budget = retryBudget({ ratio: 0.1 });
 *
 * const read = retry({ budget });
 * const write = retry({ budget, maxAttempts: 2 });
 * ```
 */
export function retryBudget(options: RetryBudgetOptions = {}): MeasuredRetryBudget {
  knownOptions(options, ['ratio', 'minPerSecond', 'windowMs', 'clock']);
  const { ratio = 0.2, minPerSecond = 10, windowMs = 10_000, clock = systemClock } = options;
  numberBetween('ratio', ratio, 0, 1);
  numberBetween('minPerSecond', minPerSecond, 0, 1_000_000);
  positiveMilliseconds('windowMs', windowMs);
  commonOptions({ clock });
  return new WindowedBudget({ ratio, minPerSecond, windowMs, clock });
}
