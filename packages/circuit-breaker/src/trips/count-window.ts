import { invalidOption, knownOptions, positiveInteger } from '@holdfast/policy';
import { CallWindow } from '../call-window.ts';
import { sharedTrip, type Trip, type TripCounter, type TripReading } from '../trip.ts';

/** What {@link countWindow} is told. */
export interface CountWindowOptions {
  /** How many failures open the circuit. */
  readonly failures: number;
  /** Among how many of the last calls they are counted; each costs a bit. */
  readonly size: number;
  /**
   * How many calls there must have been before the circuit may open, at most `size`.
   *
   * @default 1 (so many failures are enough, even if they are the first calls)
   */
  readonly minimumCalls?: number | undefined;
}

type Limits = Readonly<Record<'failures' | 'size' | 'minimumCalls', number>>;

class CountWindowCounter implements TripCounter {
  private readonly limits: Limits;
  readonly window: CallWindow;

  constructor(limits: Limits, former: TripCounter | undefined) {
    this.limits = limits;
    this.window = new CallWindow(limits.size);
    if (former instanceof CountWindowCounter) this.window.takeOver(former.window);
  }

  success(): boolean {
    this.window.add(false);
    return false;
  }

  failure(): boolean {
    const { limits, window } = this;
    window.add(true);
    return window.hits >= limits.failures && window.calls >= limits.minimumCalls;
  }

  reset(): void {
    this.window.clear();
  }

  reading(): TripReading {
    const { calls, hits } = this.window;
    return { trip: 'countWindow', calls, hits, value: hits, limit: this.limits.failures };
  }
}

function atMost(name: string, value: number, size: number): void {
  positiveInteger(name, value);
  if (value > size) {
    throw invalidOption(name, `at most \`size\` (${size})`, value, RangeError);
  }
}

/**
 * Opens the circuit when so many of the last `size` calls are failures, however long they took to
 * come. It reads no clock.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const breaker = circuitBreaker({ trip: countWindow({ failures: 10, size: 100 }) });
 * ```
 */
export function countWindow(options: CountWindowOptions): Trip {
  const names = ['failures', 'size', 'minimumCalls'];
  const { failures, size, minimumCalls = 1 } = knownOptions(options, names);
  positiveInteger('size', size);
  atMost('failures', failures, size);
  atMost('minimumCalls', minimumCalls, size);
  const limits = { failures, size, minimumCalls };
  return sharedTrip({
    trip: 'countWindow',
    options: limits,
    needsTime: 'never',
    counter: (former) => new CountWindowCounter(limits, former),
  });
}
