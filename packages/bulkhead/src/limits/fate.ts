import { isRejectedError, isTimeoutError, type Outcome, type Run } from '@holdfast/policy';
import type { AdaptiveLimitOptions } from './adaptive-limit.ts';
import type { Fate, MeasuredCall } from './measured-call.ts';

/** What a call tells by the reason for which somebody stopped waiting for it. */
function fateByReason(reason: unknown): Fate {
  return isTimeoutError(reason) ? 'drop' : 'ignore';
}

/**
 * The same for a call at work: a timeout that struck while it had waited for longer than it has been at
 * work tells of the queue in the bulkhead, and not of what is called.
 */
export function fateByCut(reason: unknown, call: MeasuredCall, now: number): Fate {
  return now - call.startedAt < call.waitedMs ? 'ignore' : fateByReason(reason);
}

/** What a call tells by its outcome. Throws what the user's function throws. */
export function fateByOutcome(
  isDrop: AdaptiveLimitOptions['isDrop'],
  run: Run,
  outcome: Outcome<unknown>,
): Fate {
  if (run.callerGaveUp) return fateByReason(run.options?.signal?.reason);
  if (isDrop !== undefined) return asked(isDrop, outcome);
  if (outcome.ok) return 'sample';
  return isTimeoutError(outcome.error) || isRejectedError(outcome.error) ? 'drop' : 'ignore';
}

function asked(
  isDrop: NonNullable<AdaptiveLimitOptions['isDrop']>,
  outcome: Outcome<unknown>,
): Fate {
  const answer: unknown = isDrop(outcome);
  if (answer === 'ignore') return answer;
  if (typeof answer === 'boolean') return answer ? 'drop' : 'sample';
  throw new TypeError(
    `Expected \`isDrop\` to return true, false or 'ignore', got ${answer instanceof Promise ? 'a promise' : typeof answer}.`,
  );
}
