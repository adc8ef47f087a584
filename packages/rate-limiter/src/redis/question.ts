import type { Returned } from './lot.ts';

/** What Redis is asked for a key. */
export interface Question {
  /** How many units the first call needs: fewer are of no use. */
  readonly need: number;
  /** How many are wanted by calls that are there; 0 if none are. */
  readonly want: number;
  /** How many are wanted for later calls, if all of the others have theirs. */
  readonly extra: number;
  /** For how long the extra ones may be kept, in milliseconds. */
  readonly holdMs: number;
  /** How many to reserve for later if there is no room for `need` now; 0 for none. */
  readonly ahead: number;
  /** How late the reserved ones may go, in milliseconds. */
  readonly lateMs: number;
  /** The longest wait that is of use, in milliseconds. */
  readonly longestMs: number;
  /** Units that did not go, and those that have gone without Redis. */
  readonly returns: readonly Returned[];
}

/** A question that changes nothing. */
export const lookOnly: Question = {
  need: 1,
  want: 0,
  extra: 0,
  holdMs: 0,
  ahead: 0,
  lateMs: 0,
  longestMs: 0,
  returns: [],
};

/** What Redis says. */
export interface Answer {
  /** How many units may go. */
  readonly granted: number;
  /** After how many milliseconds they may go; 0 for at once. */
  readonly waitMs: number;
  /** After how many milliseconds `need` more units might go. */
  readonly retryAfterMs: number;
  /** How many units may still go at this moment. */
  readonly remaining: number;
  /** After how many milliseconds all of the limit is there again. */
  readonly resetAfterMs: number;
  /** How Redis knows what it has granted. */
  readonly mark: string;
  /** How many extra units there are. */
  readonly extra: number;
  /** How Redis knows these. */
  readonly extraMark: string;
}

const microseconds = 1_000;
/** Longer waits than a year are all the same. */
const yearMs = 366 * 24 * 3_600_000;

function inMicroseconds(ms: number): string {
  return String(Math.round(Math.min(ms, yearMs) * microseconds));
}

/** The arguments of the scripts after those of the rule. */
export function argsOf(question: Question): string[] {
  const { need, want, extra, holdMs, ahead, lateMs, longestMs, returns } = question;
  return [
    inMicroseconds(holdMs),
    String(need),
    String(want),
    String(extra),
    String(ahead),
    inMicroseconds(lateMs),
    inMicroseconds(longestMs),
    ...returns.flatMap(({ units, mark }) => [String(units), mark]),
  ];
}

/** Reads what a script has answered; throws an `Error` when that is not one of ours. */
export function answerOf(text: string): Answer {
  const [granted, wait, retry, remaining, reset, mark = '', extra, extraMark = ''] =
    text.split(' ');
  const answer = {
    granted: Number(granted),
    waitMs: Number(wait) / microseconds,
    retryAfterMs: Number(retry) / microseconds,
    remaining: Number(remaining),
    resetAfterMs: Number(reset) / microseconds,
    mark,
    extra: Number(extra),
    extraMark,
  };
  if (Number.isFinite(answer.granted + answer.resetAfterMs + answer.extra)) return answer;
  throw new Error(`Redis gave an answer that is none to this script: ${text.slice(0, 80)}`);
}
