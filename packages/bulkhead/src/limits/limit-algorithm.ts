import { invalidOption } from '@holdfast/policy';
import type { Bulkhead } from '../bulkhead.ts';
import type { BulkheadOptions } from '../options.ts';
import { AdaptiveBulkhead } from './adaptive-bulkhead.ts';
import type { AdaptiveLimit, AdaptiveLimitOptions } from './adaptive-limit.ts';
import type { LimitEstimator } from './limit-estimator.ts';
import type { CheckedLimits } from './limit-options.ts';
import { withoutFunctions } from './limit-options.ts';

/** What makes an {@link AdaptiveLimit} of an algorithm and its options. */
export class LimitAlgorithm implements AdaptiveLimit {
  readonly algorithm: AdaptiveLimit['algorithm'];
  readonly options: Readonly<Record<string, unknown>>;
  readonly limits: CheckedLimits;
  readonly isDrop: AdaptiveLimitOptions['isDrop'];
  /** Makes what finds the limit of one bulkhead. */
  readonly makeEstimator: () => LimitEstimator;

  constructor(
    algorithm: AdaptiveLimit['algorithm'],
    options: CheckedLimits,
    isDrop: AdaptiveLimitOptions['isDrop'],
    makeEstimator: () => LimitEstimator,
  ) {
    this.algorithm = algorithm;
    this.options = withoutFunctions({ ...options });
    this.limits = options;
    this.isDrop = isDrop;
    this.makeEstimator = makeEstimator;
  }

  makeBulkhead(options: BulkheadOptions): Bulkhead {
    const { maxConcurrent } = options;
    if (maxConcurrent !== undefined) {
      throw invalidOption('maxConcurrent', 'undefined beside `limit`', maxConcurrent, TypeError);
    }
    return new AdaptiveBulkhead(options, this);
  }
}
