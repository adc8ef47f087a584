import { invalidOption, type Outcome } from '@holdfast/policy';
import type { RetryCall } from './call.ts';
import type { GaveUpReason } from './events.ts';
import type { Rules } from './rules.ts';

/** The delay before the next attempt, or why there is none. */
export type Decision = number | GaveUpReason;

/** How an attempt ended, and when the layers outside stop waiting, if they do. */
export interface Ending {
  readonly outcome: Outcome<unknown>;
  readonly deadline: number | undefined;
}

/**
 * Decides about an attempt whose outcome is worth another one.
 *
 * @throws What `delayFrom` or the back-off threw, or an error about the number that it gave.
 */
export function decide(rules: Rules, call: RetryCall, ending: Ending): Decision {
  if (call.attempts >= rules.maxAttempts) return 'attempts';
  const { outcome, deadline } = ending;
  const isLimited = rules.isTimed || deadline !== undefined;
  const now = isLimited ? rules.clock.now() : Number.NaN;
  const delayMs = delayOf(rules, call, { outcome, elapsedMs: now - call.enteredAt });
  if (delayMs === undefined || delayMs === Number.POSITIVE_INFINITY) return 'backoff';
  return limitAt(now + delayMs, rules, { deadline, enteredAt: call.enteredAt }) ?? delayMs;
}

/** Which limit forbids to begin an attempt at that time. */
export function limitAt(
  time: number,
  { maxElapsedMs }: Rules,
  { deadline, enteredAt }: { readonly deadline: number | undefined; readonly enteredAt: number },
): 'deadline' | 'elapsed' | undefined {
  if (deadline !== undefined && time >= deadline) return 'deadline';
  return time - enteredAt >= maxElapsedMs ? 'elapsed' : undefined;
}

interface Asking {
  readonly outcome: Outcome<unknown>;
  readonly elapsedMs: number;
}

function delayOf(rules: Rules, call: RetryCall, asking: Asking): number | undefined {
  const { outcome } = asking;
  const asked = rules.delayFrom?.(outcome as Outcome<never>, call.attempts);
  if (asked !== undefined) return checked('delayFrom', asked, outcome);
  const delayMs = rules.fastFirst && call.attempts === 1 ? 0 : askBackoff(rules, call, asking);
  const atLeast = call.refusal?.retryAfterMs;
  if (delayMs === undefined || atLeast === undefined) return delayMs;
  return Math.max(delayMs, checked('retryAfterMs', atLeast, outcome));
}

function askBackoff(rules: Rules, call: RetryCall, asking: Asking): number | undefined {
  const { attempts: attempt, previousDelayMs } = call;
  const step = rules.fastFirst ? attempt - 1 : attempt;
  const delayMs = rules.backoff({ attempt, step, previousDelayMs, ...asking });
  if (delayMs === undefined) return undefined;
  call.previousDelayMs = checked('backoff', delayMs, asking.outcome);
  return call.previousDelayMs;
}

/** NaN is a mistake that must not become a busy loop; a time that is over already is no delay. */
function checked(name: string, delayMs: number, outcome: Outcome<unknown>): number {
  if (typeof delayMs === 'number' && !Number.isNaN(delayMs)) return Math.max(0, delayMs);
  const kind = typeof delayMs === 'number' ? RangeError : TypeError;
  const error = invalidOption(`the answer of ${name}`, 'a number of milliseconds', delayMs, kind);
  if (!outcome.ok) error.cause = outcome.error;
  throw error;
}
