import { isRejectedError, isTimeoutError, type Outcome, type Run } from '@holdfast/policy';
import type { ProbeEnd } from './state.ts';

/** The user's predicate. */
type IsFailure = ((outcome: Outcome<unknown>) => boolean | 'ignore') | undefined;

function asked(isFailure: NonNullable<IsFailure>, outcome: Outcome<unknown>): ProbeEnd {
  const answer: unknown = isFailure(outcome);
  if (answer === 'ignore') return 'ignored';
  if (typeof answer === 'boolean') return answer ? 'failure' : 'success';
  throw new TypeError(
    `Expected \`isFailure\` to return true, false or 'ignore', got ${answer instanceof Promise ? 'a promise' : typeof answer}.`,
  );
}

/** A call as the breaker at layer `at` sees it. */
interface Judged {
  readonly run: Run;
  readonly at: number;
}

/** Time ran out for a call that had begun: this is about what is called, not about the caller. */
function isStruck({ run, at }: Judged, reason: unknown): boolean {
  return isTimeoutError(reason) && reason.started && run.ranInside(at);
}

/** Whether the caller gave up of its own; a timeout around a nested call is not that. */
function isCallersOwnAbort(judged: Judged): boolean {
  const { run } = judged;
  return run.callerGaveUp && !isStruck(judged, run.options?.signal?.reason);
}

/** Judges how a call has ended. Throws what the predicate throws. */
export function judgeEnd(
  isFailure: IsFailure,
  outcome: Outcome<unknown>,
  judged: Judged,
): ProbeEnd {
  let isRejection = false;
  if (!outcome.ok) {
    const { error } = outcome;
    if (isCallersOwnAbort(judged)) return 'ignored';
    if (isTimeoutError(error) && !isStruck(judged, error)) return 'ignored';
    isRejection = isRejectedError(error);
    if (isRejection && !judged.run.started) return 'ignored';
  }
  if (isFailure !== undefined) return asked(isFailure, outcome);
  if (isRejection) return 'ignored';
  return outcome.ok ? 'success' : 'failure';
}

/** Judges that somebody outside stopped waiting. Throws what the predicate throws. */
export function judgeCut(
  isFailure: IsFailure,
  outcome: Outcome<unknown> & { readonly ok: false },
  judged: Judged,
): ProbeEnd {
  if (!isStruck(judged, outcome.error)) return 'ignored';
  return isFailure === undefined ? 'failure' : asked(isFailure, outcome);
}
