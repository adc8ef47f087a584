import {
  invalidOption,
  knownOptions,
  milliseconds,
  positiveInteger,
  positiveMilliseconds,
} from '@holdfast/policy';
import { LatencySketch } from './latency-sketch.ts';

/** What {@link quantileDelay} can be told. */
export interface QuantileDelayOptions {
  /**
   * Which quantile of the latencies the delay is: above 0 and below 1. With 0.95, one call in twenty
   * is hedged.
   *
   * @default 0.95 (as in "The Tail at Scale")
   */
  readonly quantile?: number | undefined;
  /**
   * How many calls have to be measured before the quantile counts: an integer from 1 up.
   *
   * @default 20
   */
  readonly minimumCalls?: number | undefined;
  /**
   * The delay until then, in milliseconds; Infinity for no hedge but after a failure.
   *
   * @default Infinity
   */
  readonly initialMs?: number | undefined;
  /**
   * The least delay, in milliseconds from 0 up.
   *
   * @default 1
   */
  readonly minMs?: number | undefined;
  /**
   * The greatest delay, in milliseconds.
   *
   * @default 30_000
   */
  readonly maxMs?: number | undefined;
  /**
   * How long a latency counts at least, in milliseconds; at most it is twice as long.
   *
   * @default 60_000
   */
  readonly windowMs?: number | undefined;
}

/** A delay that is learnt from latencies; made by {@link quantileDelay}. */
export interface LearntDelay {
  /** Makes the memory of one policy. */
  learn(): DelayLearner;
}

/** What a hedge has learnt. */
export interface DelayLearner {
  /** How long to wait for an answer, in milliseconds; Infinity for as long as it takes. */
  delayMs(): number;
  /** A first attempt has taken so long, or has not answered for so long. */
  record(latencyMs: number, now: number): void;
}

/** How many records are taken before the quantile is worked out anew. */
const recordsPerLook = 16;

type Rules = Readonly<Required<{ [K in keyof QuantileDelayOptions]: number }>>;

class QuantileLearner implements DelayLearner {
  private readonly rules: Rules;
  private readonly sketch: LatencySketch;
  private known: number;
  private sinceLook = 0;

  constructor(rules: Rules) {
    this.rules = rules;
    this.sketch = new LatencySketch(rules.windowMs);
    this.known = rules.initialMs;
  }

  delayMs(): number {
    return this.known;
  }

  record(latencyMs: number, now: number): void {
    this.sketch.record(latencyMs, now);
    this.sinceLook++;
    if (this.sketch.count < this.rules.minimumCalls) this.known = this.rules.initialMs;
    else if (this.sinceLook >= recordsPerLook || this.known === this.rules.initialMs) this.look();
  }

  private look(): void {
    const { quantile, minMs, maxMs } = this.rules;
    this.sinceLook = 0;
    this.known = Math.min(maxMs, Math.max(minMs, this.sketch.quantile(quantile)));
  }
}

/**
 * A delay that is learnt: a quantile of the latencies of the first attempts. So a small share of the
 * calls is hedged whatever the latency is today. One that is still running when it has lost counts as
 * having taken as long as it ran, which is longer than the delay: leaving it out would make the delay
 * shorter and shorter.
 *
 * Dean and Barroso, "The Tail at Scale" (2013). It holds less than 2 kB for each policy.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const reads = hedge({ safe: true, afterMs: quantileDelay({ quantile: 0.95 }) });
 * ```
 */
export function quantileDelay(options: QuantileDelayOptions = {}): LearntDelay {
  const names = ['quantile', 'minimumCalls', 'initialMs', 'minMs', 'maxMs', 'windowMs'];
  const {
    quantile = 0.95,
    minimumCalls = 20,
    initialMs = Number.POSITIVE_INFINITY,
    minMs = 1,
    maxMs = 30_000,
    windowMs = 60_000,
  } = knownOptions(options, names);
  if (!(typeof quantile === 'number' && quantile > 0 && quantile < 1)) {
    const kind = typeof quantile === 'number' ? RangeError : TypeError;
    throw invalidOption('quantile', 'a number above 0 and below 1', quantile, kind);
  }
  positiveInteger('minimumCalls', minimumCalls);
  if (initialMs !== Number.POSITIVE_INFINITY) milliseconds('initialMs', initialMs);
  milliseconds('minMs', minMs);
  positiveMilliseconds('maxMs', maxMs);
  if (minMs > maxMs)
    throw invalidOption('minMs', `at most \`maxMs\` (${maxMs})`, minMs, RangeError);
  positiveMilliseconds('windowMs', windowMs);
  const rules = { quantile, minimumCalls, initialMs, minMs, maxMs, windowMs };
  return { learn: () => new QuantileLearner(rules) };
}
