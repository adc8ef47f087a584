import { invalidOption, positiveInteger } from '@holdfast/policy';
import { CircuitState } from '../circuit-state.ts';
import type { IBreaker } from './breaker.ts';
import { openRatio } from './open-ratio.ts';

/** What a {@link CountBreaker} is told. */
export interface ICountBreakerOptions {
  /** The circuit opens when more than this share of the calls failed: above 0 and below 1. */
  threshold: number;
  /** How many of the latest calls are counted. */
  size: number;
  /**
   * How many calls there must be before the circuit may open.
   *
   * @default `size`
   */
  minimumNumberOfCalls?: number;
}

/** The counts, as `state` tells them. */
interface Counts {
  readonly samples: readonly (boolean | null)[];
  readonly currentSample: number;
  readonly failures: number;
  readonly successes: number;
}

/** Opens the circuit when too large a share of the latest calls failed. */
export class CountBreaker implements IBreaker {
  private readonly threshold: number;
  private readonly minimumNumberOfCalls: number;
  /** A ring of the latest calls: whether each succeeded. */
  private samples: (boolean | null)[];
  private currentSample = 0;
  private failures = 0;
  private successes = 0;

  constructor({ threshold, size, minimumNumberOfCalls = size }: ICountBreakerOptions) {
    this.threshold = openRatio('threshold', threshold);
    positiveInteger('size', size);
    positiveInteger('minimumNumberOfCalls', minimumNumberOfCalls);
    if (minimumNumberOfCalls > size) {
      const expected = `at most \`size\` (${size})`;
      throw invalidOption('minimumNumberOfCalls', expected, minimumNumberOfCalls, RangeError);
    }
    this.minimumNumberOfCalls = minimumNumberOfCalls;
    this.samples = Array.from({ length: size }, () => null);
  }

  /** What has been counted. */
  get state(): unknown {
    const { samples, currentSample, failures, successes } = this;
    return { samples: [...samples], currentSample, failures, successes };
  }

  set state(value: unknown) {
    const { samples, currentSample, failures, successes } = value as Counts;
    this.samples = [...samples];
    this.currentSample = currentSample;
    this.failures = failures;
    this.successes = successes;
  }

  /** A call succeeded; if that closes the circuit, it is the first that is counted. */
  success(state: CircuitState): void {
    if (state === CircuitState.HalfOpen) {
      this.samples.fill(null);
      this.failures = this.successes = 0;
    }
    this.add(true);
  }

  /** A call failed. */
  failure(state: CircuitState): boolean {
    this.add(false);
    if (state !== CircuitState.Closed) return true;
    const calls = this.failures + this.successes;
    return calls >= this.minimumNumberOfCalls && this.failures > this.threshold * calls;
  }

  private add(succeeded: boolean): void {
    const oldest = this.samples[this.currentSample];
    if (oldest === true) this.successes--;
    else if (oldest === false) this.failures--;
    this.samples[this.currentSample] = succeeded;
    if (succeeded) this.successes++;
    else this.failures++;
    this.currentSample = (this.currentSample + 1) % this.samples.length;
  }
}
