import { isTimeoutError, type Run } from '@holdfast/policy';

/**
 * When whoever is outside layer `at` stops waiting: the caller, by the deadline of the call, or a
 * timeout. Timeouts inside do not count, since each attempt gets a new one of these.
 */
export function deadlineOutside({ options, plan, tickets }: Run, at: number): number | undefined {
  let tightest = options?.deadline;
  for (const outer of plan.deadlineLayers) {
    if (outer >= at) break;
    const ticket = tickets[outer];
    // A cooperative timeout that has struck keeps its error here, and waits for this very attempt.
    if (isTimeoutError(ticket)) return Number.NEGATIVE_INFINITY;
    const due = plan.layers[outer]?.deadlineOf?.(ticket);
    if (due !== undefined && (tightest === undefined || due < tightest)) tightest = due;
  }
  return tightest;
}
