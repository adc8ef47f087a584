import { count, numberBetween, positiveInteger, ratio } from '@holdfast/policy';
import type { AdaptiveLimit, LatencyLimitOptions } from './adaptive-limit.ts';
import { LatencyEstimator } from './latency-estimator.ts';
import { LimitAlgorithm } from './limit-algorithm.ts';
import { type CheckedLatencyOptions, checkedLatencyOptions } from './limit-options.ts';

const defaultTolerance = 1.5;
const defaultQueueSize = 4;
const defaultSmoothing = 0.2;
const defaultLongWindow = 600;
/** Until that many windows have been seen, the long average is a plain one. */
const warmUpWindows = 10;
/** When the long average is this many times too high, it does not come down by itself soon enough. */
const driftRatio = 2;
const driftDecay = 0.95;
/** A single window does not lower the limit further than by this. */
const steepestGradient = 0.5;

/** What {@link gradient2} can be told. */
export interface Gradient2Options extends LatencyLimitOptions {
  /**
   * How many times the long average the latency may be before the limit shrinks: from 1 to 10.
   *
   * @default 1.5 (Netflix's Gradient2Limit)
   */
  readonly tolerance?: number | undefined;
  /**
   * How many calls may queue in the dependency at all events: by so many the limit wants to grow. An
   * integer from 0 up; with 0 it never grows.
   *
   * @default 4 (Netflix's Gradient2Limit)
   */
  readonly queueSize?: number | undefined;
  /**
   * What part of the way to a new limit is gone with each window: above 0, at most 1.
   *
   * @default 0.2 (Netflix's Gradient2Limit)
   */
  readonly smoothing?: number | undefined;
  /**
   * Over about how many windows the long average goes: an integer from 1 up.
   *
   * @default 600 (Netflix's Gradient2Limit)
   */
  readonly longWindow?: number | undefined;
}

interface CheckedGradient2Options extends CheckedLatencyOptions {
  readonly tolerance: number;
  readonly queueSize: number;
  readonly smoothing: number;
  readonly longWindow: number;
}

class Gradient2Estimator extends LatencyEstimator {
  private readonly settings: CheckedGradient2Options;
  private longMs = 0;
  private windows = 0;

  constructor(settings: CheckedGradient2Options) {
    super(settings);
    this.settings = settings;
  }

  protected override learn(latencyMs: number): void {
    this.windows = Math.min(warmUpWindows, this.windows + 1);
    const { longWindow } = this.settings;
    const part = this.windows < warmUpWindows ? 1 / this.windows : 2 / (longWindow + 1);
    this.longMs += (latencyMs - this.longMs) * part;
    if (this.longMs > latencyMs * driftRatio) this.longMs *= driftDecay;
  }

  protected override learnBase(latencyMs: number): void {
    this.longMs = latencyMs;
    this.windows = warmUpWindows;
  }

  protected override allowance(): number {
    return this.settings.queueSize;
  }

  protected override next(limit: number, latencyMs: number): number {
    const { tolerance, queueSize, smoothing } = this.settings;
    const gradient = Math.min(1, (tolerance * this.longMs) / latencyMs);
    const wanted = limit * Math.max(steepestGradient, gradient) + queueSize;
    return limit + (wanted - limit) * smoothing;
  }
}

/**
 * Compares the latency of the last window with its average over a long time: as long as it is about
 * the same, nothing queues in the dependency, and the limit grows; when it rises, the limit shrinks in
 * proportion. It bears latencies that differ from call to call, and needs no drops.
 *
 * Source: Gradient2Limit of Netflix's concurrency-limits, its defaults included, with two additions.
 * There, the average follows an overload that lasts, and the limit grows with it for as long as that
 * does; so here the average is measured anew from time to time at half the limit (`probeEvery`). And
 * drops, which it does not look at, lower the limit in proportion to their part of the calls.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const inventory = bulkhead({ limit: gradient2(), maxQueued: 20, maxQueueMs: 200 });
 *
 * const stock = await inventory.execute(({ signal }) => readStock('sku-1', { signal }));
 * ```
 */
export function gradient2(options: Gradient2Options = {}): AdaptiveLimit {
  const names = ['tolerance', 'queueSize', 'smoothing', 'longWindow'];
  const common = checkedLatencyOptions(options, names);
  const { tolerance = defaultTolerance, queueSize = defaultQueueSize } = options;
  const { smoothing = defaultSmoothing, longWindow = defaultLongWindow } = options;
  numberBetween('tolerance', tolerance, 1, 10);
  count('queueSize', queueSize);
  ratio('smoothing', smoothing);
  positiveInteger('longWindow', longWindow);
  const checked = { ...common, tolerance, queueSize, smoothing, longWindow };
  return new LimitAlgorithm(
    'gradient2',
    checked,
    options.isDrop,
    () => new Gradient2Estimator(checked),
  );
}
