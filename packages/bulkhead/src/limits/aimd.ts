import { numberBetween, positiveMilliseconds } from '@holdfast/policy';
import type { AdaptiveLimit, AdaptiveLimitOptions } from './adaptive-limit.ts';
import { LimitAlgorithm } from './limit-algorithm.ts';
import type { LimitEstimator } from './limit-estimator.ts';
import { type CheckedLimits, checkedLimits } from './limit-options.ts';
import type { MeasuredCall } from './measured-call.ts';

const defaultBackoffRatio = 0.9;
const defaultSlowMs = 5_000;

/** What {@link aimd} can be told. */
export interface AimdOptions extends AdaptiveLimitOptions {
  /**
   * What the limit is multiplied by after a drop: from 0.5 to 0.99.
   *
   * @default 0.9 (Netflix's AIMDLimit)
   */
  readonly backoffRatio?: number | undefined;
  /**
   * From which latency on a call counts as a drop, in milliseconds. Without any drops the limit grows
   * up to `maxLimit`, so set this to what your callers bear.
   *
   * @default 5_000 (Netflix's AIMDLimit)
   */
  readonly slowMs?: number | undefined;
}

interface CheckedAimdOptions extends CheckedLimits {
  readonly backoffRatio: number;
  readonly slowMs: number;
}

class AimdEstimator implements LimitEstimator {
  readonly isProbing = false;
  readonly patienceMs = 0;
  private readonly options: CheckedAimdOptions;
  private exact: number;
  private epoch = 0;

  constructor(options: CheckedAimdOptions) {
    this.options = options;
    this.exact = options.initialLimit;
  }

  get places(): number {
    return Math.floor(this.exact);
  }

  started(call: MeasuredCall): void {
    call.epoch = this.epoch;
  }

  sampled(call: MeasuredCall, latencyMs: number): void {
    const { exact } = this;
    if (latencyMs >= this.options.slowMs) this.dropped(call);
    else if (call.inFlight >= exact / 2) {
      this.exact = Math.min(this.options.maxLimit, exact + 1 / exact);
    }
  }

  /** Calls that had started before the limit was lowered tell nothing new. */
  dropped(call: MeasuredCall): void {
    if (call.epoch !== this.epoch) return;
    this.epoch++;
    this.exact = Math.max(this.options.minLimit, this.exact * this.options.backoffRatio);
  }

  ignored(): void {}

  giveUp(): void {}

  reset(places: number): void {
    this.exact = places;
    this.epoch++;
  }
}

/**
 * Additive increase, multiplicative decrease: the limit grows by 1 for each round of as many calls as it
 * lets run, and shrinks by a tenth with a drop, at most once a round. It knows nothing of queues and
 * needs drops: errors, or calls that are too slow. Several clients of one server come to fair shares.
 *
 * Source: D. Chiu, R. Jain, "Analysis of the Increase and Decrease Algorithms for Congestion Avoidance
 * in Computer Networks" (1989), and V. Jacobson, "Congestion Avoidance and Control" (SIGCOMM 1988);
 * defaults as in Netflix's concurrency-limits.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const inventory = bulkhead({ limit: aimd({ slowMs: 500 }), maxQueued: 20 });
 * ```
 */
export function aimd(options: AimdOptions = {}): AdaptiveLimit {
  const limits = checkedLimits(options, ['backoffRatio', 'slowMs']);
  const { backoffRatio = defaultBackoffRatio, slowMs = defaultSlowMs } = options;
  numberBetween('backoffRatio', backoffRatio, 0.5, 0.99);
  positiveMilliseconds('slowMs', slowMs);
  const checked = { ...limits, backoffRatio, slowMs };
  return new LimitAlgorithm('aimd', checked, options.isDrop, () => new AimdEstimator(checked));
}
