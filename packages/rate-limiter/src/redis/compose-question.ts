import type { BucketOwner } from './bucket-owner.ts';
import type { Claim } from './claim.ts';
import { lookOnly, type Question } from './question.ts';
import type { SharedBucket } from './shared-bucket.ts';

/** A line reserves what goes in so many milliseconds at a time, so that no process takes it all. */
const sliceMs = 20;
/** How late a reserved call may go at most, in milliseconds. */
const longestLateMs = 20;
/** Units that could be kept for less than this are not worth having. */
export const leastHoldMs = 10;

function unitsOf(claims: readonly Claim[]): number {
  let units = 0;
  for (const claim of claims) if (claim.state === 'asking') units += claim.units;
  return units;
}

/** For how long the first one would wait at most. */
function longestWait({ state, deadline }: Claim, maxWaitMs: number, now: number): number {
  if (state === 'waiting') return Number.POSITIVE_INFINITY;
  return Math.min(maxWaitMs, deadline === undefined ? Infinity : Math.max(0, deadline - now));
}

/** How many to take ahead now, and for how long they may be kept. */
function extraOf(
  { share, state, isSlow }: SharedBucket,
  { rule, holdMs: most }: BucketOwner,
  now: number,
): Pick<Question, 'extra' | 'holdMs'> {
  if (share === undefined) return lookOnly;
  const size = share.next(now);
  const holdMs = Math.min(most, rule.longestHoldMs(1));
  const extra = isSlow || holdMs < leastHoldMs ? 0 : Math.max(0, size - state.left);
  return { extra, holdMs };
}

/** What to ask for a bucket at `now`; undefined if there is nothing to ask. */
export function composeQuestion(
  bucket: SharedBucket,
  owner: BucketOwner,
  now: number,
): Question | undefined {
  const { line, asking, state } = bucket;
  const { rule, maxWaitMs, lastRank } = owner;
  const { extra, holdMs } = extraOf(bucket, owner, now);
  const returns = state.takeReturns();
  const first = line.next(now) ?? asking.find((claim) => claim.state === 'asking');
  if (first === undefined) {
    const isNothing = extra === 0 && returns.length === 0;
    return isNothing ? undefined : { ...lookOnly, extra, holdMs, returns };
  }
  const need = first.units;
  const inLine = Math.max(0, line.unitsBefore(lastRank) - state.left);
  const want = Math.max(need, inLine + unitsOf(asking));
  const slice = Math.min(want, Math.floor(sliceMs / rule.intervalMs), rule.algorithm.capacity);
  const ahead = first.mayWait ? Math.max(need, slice) : 0;
  // Redis counts what it reserves at the last moment at which it may go.
  const mostLateMs = Math.min(longestLateMs, owner.holdMs, rule.longestHoldMs(ahead));
  const lateMs = mostLateMs >= leastHoldMs ? mostLateMs : 0;
  const longestMs = longestWait(first, maxWaitMs, now);
  return { need, want, extra, holdMs, ahead, lateMs, longestMs, returns };
}
