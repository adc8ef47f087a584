import type { Run } from '@holdfast/policy';
import { BulkheadPolicy } from './admission.ts';
import { ReentrancyDetector } from './reentrancy.ts';

/** A bulkhead where reentrancy is detected by the async context: others do not pay for it. */
export class DetectingBulkhead extends BulkheadPolicy {
  private readonly detector: ReentrancyDetector = new ReentrancyDetector();

  surround(run: Run, _at: number, call: () => unknown): unknown {
    return this.detector.surround(run, call);
  }

  protected override isReentrant(run: Run): boolean {
    return this.detector.isInside() || super.isReentrant(run);
  }

  protected override described(): Readonly<Record<string, unknown>> {
    return { ...super.described(), detectReentrancy: true };
  }
}
