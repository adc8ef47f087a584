import { invalidOption, type Outcome } from '@holdfast/policy';
import type { RetryCall } from './call.ts';
import type { GaveUpReason } from './events.ts';
import type { Rules } from './rules.ts';

/** The delay before the next attempt, or why there is none. */
export type Decision = number | GaveUpReason;

/**
 * Decides about a call whose latest outcome is worth another attempt. `deadline` is when the layers
 * outside stop waiting, if they do.
 *
 * @throws What `delayFrom` or the back-off threw, or an error about the number that it gave.
 */
export function decide(rules: Rules, call: RetryCall, deadline: number | undefined): Decision {
  if (call.attempts >= rules.maxAttempts) return 'attempts';
  const isLimited = rules.isTimed || deadline !== undefined;
  const now = isLimited ? rules.clock.now() : NaN;
  const delayMs = delayOf(rules, call, now);
  if (delayMs === undefined || delayMs === Infinity) return 'backoff';
  return (isLimited ? limitAt(now + delayMs, call, { rules, deadline }) : undefined) ?? delayMs;
}

/** What limits a call in time. */
interface Limits {
  readonly rules: Rules;
  readonly deadline: number | undefined;
}

/** Which limit forbids to begin an attempt at that time. */
export function limitAt(
  time: number,
  { enteredAt = NaN }: RetryCall,
  { rules, deadline }: Limits,
): 'deadline' | 'elapsed' | undefined {
  if (deadline !== undefined && time >= deadline) return 'deadline';
  return time - enteredAt >= rules.maxElapsedMs ? 'elapsed' : undefined;
}

function delayOf(rules: Rules, call: RetryCall, now: number): number | undefined {
  const { attempts, refusal } = call;
  const outcome = call.outcome as Outcome<never>;
  const asked = rules.delayFrom?.(outcome, attempts);
  if (asked !== undefined) return checked('delayFrom', asked, outcome);
  const delayMs = rules.fastFirst && attempts === 1 ? 0 : askBackoff(rules, call, now);
  const atLeast = refusal?.retryAfterMs;
  if (delayMs === undefined || atLeast === undefined) return delayMs;
  return Math.max(delayMs, checked('retryAfterMs', atLeast, outcome));
}

function askBackoff(rules: Rules, call: RetryCall, now: number): number | undefined {
  const { attempts: attempt, previousDelayMs, enteredAt = NaN } = call;
  const outcome = call.outcome as Outcome<unknown>;
  const step = rules.fastFirst ? attempt - 1 : attempt;
  const elapsedMs = now - enteredAt;
  const delayMs = rules.backoff({ attempt, step, outcome, previousDelayMs, elapsedMs });
  if (delayMs === undefined) return undefined;
  call.previousDelayMs = checked('backoff', delayMs, outcome);
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
