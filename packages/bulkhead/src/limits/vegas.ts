import { invalidOption, numberBetween } from '@holdfast/policy';
import type { AdaptiveLimit, LatencyLimitOptions } from './adaptive-limit.ts';
import { LatencyEstimator } from './latency-estimator.ts';
import { LimitAlgorithm } from './limit-algorithm.ts';
import { type CheckedLatencyOptions, checkedLatencyOptions } from './limit-options.ts';

const defaultAlpha = 3;
const defaultBeta = 6;
const largestFactor = 1_000;

/** What {@link vegas} can be told. */
export interface VegasOptions extends LatencyLimitOptions {
  /**
   * The limit grows while fewer calls queue in the dependency: in multiples of the decimal logarithm of
   * the limit, and at least of 1. From 0 to 1,000.
   *
   * @default 3 (Netflix's VegasLimit)
   */
  readonly alpha?: number | undefined;
  /**
   * The limit shrinks while more calls queue in the dependency: in the same multiples, from `alpha` to
   * 1,000.
   *
   * @default 6 (Netflix's VegasLimit)
   */
  readonly beta?: number | undefined;
}

interface CheckedVegasOptions extends CheckedLatencyOptions {
  readonly alpha: number;
  readonly beta: number;
}

/** By how much the limit changes at once, and in what the bounds of the queue are counted. */
function unitOf(limit: number): number {
  return Math.max(1, Math.log10(limit));
}

class VegasEstimator extends LatencyEstimator {
  private readonly settings: CheckedVegasOptions;
  private baseMs: number = Number.POSITIVE_INFINITY;

  constructor(settings: CheckedVegasOptions) {
    super(settings);
    this.settings = settings;
  }

  protected override learn(latencyMs: number): void {
    this.baseMs = Math.min(this.baseMs, latencyMs);
  }

  protected override learnBase(latencyMs: number): void {
    this.baseMs = latencyMs;
  }

  protected override allowance(limit: number): number {
    return this.settings.beta * unitOf(limit);
  }

  protected override next(limit: number, latencyMs: number): number {
    const { alpha, beta } = this.settings;
    const unit = unitOf(limit);
    const queued = limit * (1 - this.baseMs / latencyMs);
    if (queued <= unit) return limit + beta * unit;
    if (queued < alpha * unit) return limit + unit;
    return queued > beta * unit ? limit - unit : limit;
  }
}

/**
 * Estimates how many calls queue in the dependency, by how much longer they take than without a queue,
 * and keeps their number between two bounds. It keeps the latency lower than the others, and takes less
 * than its share beside clients that do not mind a queue.
 *
 * Source: L. Brakmo, L. Peterson, "TCP Vegas: End to End Congestion Avoidance on a Global Internet"
 * (1995), with the bounds and steps of VegasLimit of Netflix's concurrency-limits. There, the latency
 * without a queue is from time to time taken anew from calls that may queue; here it is measured at half
 * the limit (`probeEvery`). Drops lower the limit in proportion to their part of the calls.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const inventory = bulkhead({ limit: vegas({ maxLimit: 500 }), maxQueued: 20 });
 * ```
 */
export function vegas(options: VegasOptions = {}): AdaptiveLimit {
  const common = checkedLatencyOptions(options, ['alpha', 'beta']);
  const { alpha = defaultAlpha, beta = defaultBeta } = options;
  numberBetween('alpha', alpha, 0, largestFactor);
  numberBetween('beta', beta, 0, largestFactor);
  if (beta < alpha) throw invalidOption('beta', `at least alpha (${alpha})`, beta, RangeError);
  const checked = { ...common, alpha, beta };
  return new LimitAlgorithm('vegas', checked, options.isDrop, () => new VegasEstimator(checked));
}
