import { deadlineHeap } from '@holdfast/policy';
import { topics as sharedTopics } from '../events.ts';
import type { Claim, ClaimKeeper, Refused, Refusing } from './claim.ts';
import { topics } from './events.ts';
import { RedisBuckets } from './redis-buckets.ts';
import type { SharedBucket } from './shared-bucket.ts';

/** Decides about those who could not go at once, with Redis and while it is away. */
export abstract class ClaimDesk extends RedisBuckets implements ClaimKeeper {
  /** Decides about a claim that nothing is in hand for, as far as that is possible now. */
  protected begin(claim: Claim, now: number): void {
    const { bucket, units, deadline } = claim;
    if (this.store.isAway) this.decideAway(claim, now);
    else if (bucket.line.size > 0 || bucket.blockedFor(now, units) > 0) this.decide(claim, now);
    else {
      if (deadline !== undefined) deadlineHeap(this.clock).add(claim, deadline);
      bucket.ask(claim);
    }
    if (claim.state === 'waiting') bucket.serve(now);
    claim.isHeld = claim.state === 'asking' || claim.state === 'waiting';
  }

  /** For how long somebody may not go, where that is known and nobody waits; else 0. */
  protected knownWait({ bucket, units }: Refused, now: number): number {
    if (this.store.isAway || bucket.line.size > 0) return 0;
    return bucket.blockedFor(now, units);
  }

  decide(claim: Claim, now: number): void {
    const { bucket, units, rank } = claim;
    const waitMs = bucket.waitBehind(now, bucket.line.unitsBefore(rank), units);
    const reason = this.whyNotWait(claim, now, waitMs);
    if (reason !== undefined) this.turnDown(claim, { reason, waitMs });
    else this.lineUp(claim, waitMs);
  }

  private whyNotWait(claim: Claim, now: number, waitMs: number): Refusing['reason'] | undefined {
    if (!claim.mayWait) return 'limit';
    if (claim.bucket.line.size >= this.settings.maxQueued) return 'full';
    if (now - claim.since + waitMs > this.maxWaitMs) return 'wait';
    const { deadline } = claim;
    return deadline !== undefined && now + waitMs >= deadline ? 'deadline' : undefined;
  }

  private lineUp(claim: Claim, waitMs: number): void {
    const { bucket, since, deadline } = claim;
    claim.state = 'waiting';
    this.waiting++;
    const heap = deadlineHeap(this.clock);
    heap.remove(claim);
    const latest = Math.min(since + this.maxWaitMs, deadline ?? Infinity);
    if (latest !== Infinity) heap.add(claim, latest);
    bucket.line.add(claim);
    this.activate(bucket);
    if (this.isHeard(sharedTopics.queued)) {
      this.tell(sharedTopics.queued, { key: bucket.key, waitMs, queued: bucket.line.size });
    }
    claim.hasWaited = true;
  }

  served(claim: Claim): void {
    if (claim.state === 'waiting') this.waiting--;
    this.settle(claim, 'called');
  }

  private turnDown(claim: Claim, refusing: Refusing): void {
    claim.refusing = refusing;
    this.settle(claim, 'refused');
  }

  private settle(claim: Claim, state: 'called' | 'refused'): void {
    claim.state = state;
    deadlineHeap(this.clock).remove(claim);
    if (claim.isHeld) claim.wake();
  }

  /** It has waited for as long as it may; at this very moment it may still have its turn. */
  overdue(claim: Claim): void {
    const { bucket, deadline } = claim;
    const now = Math.max(this.clock.now(), claim.due as number);
    const isLate = deadline !== undefined && now >= deadline;
    if (claim.state === 'waiting' && !isLate) bucket.serve(now);
    if (claim.state === 'waiting') this.leave(claim);
    else if (claim.state !== 'asking') return;
    this.turnDown(claim, { reason: isLate ? 'deadline' : 'wait', waitMs: this.waitOf(claim, now) });
  }

  protected waitOf({ bucket, units, rank }: Claim, now: number): number {
    return bucket.waitBehind(now, bucket.line.unitsBefore(rank), units);
  }

  protected leave(claim: Claim): void {
    claim.bucket.line.remove(claim);
    this.waiting--;
  }

  // --- Redis is away ------------------------------------------------------------------------------

  wentAway(cause: unknown): void {
    this.awayCause = cause;
    if (this.isHeard(topics.away)) this.tell(topics.away, { cause });
    const now = this.clock.now();
    for (const bucket of this.active.all()) bucket.reconsider(now);
  }

  cameBack(awayMs: number): void {
    this.awayCause = undefined;
    if (this.isHeard(topics.back)) this.tell(topics.back, { awayMs });
    const now = this.clock.now();
    for (const bucket of this.active.all()) bucket.reconsider(now);
  }

  decideAway(claim: Claim, now: number): void {
    const { whenAway } = this.settings;
    if (whenAway === 'open') this.settle(claim, 'called');
    else if (whenAway === 'closed') this.refuseAway(claim, now);
    else if (claim.units > this.localCapacity) this.refuseAway(claim, now);
    else if (claim.bucket.line.size === 0 && claim.bucket.take(claim, now)) this.served(claim);
    else this.decide(claim, now);
  }

  private refuseAway(claim: Claim, now: number): void {
    this.turnDown(claim, { reason: 'away', waitMs: this.store.nextProbeMs(now) });
  }

  decideLine({ line }: SharedBucket, now: number): void {
    const { whenAway } = this.settings;
    if (typeof whenAway !== 'string') return;
    for (let claim = line.next(now); claim !== undefined; claim = line.next(now)) {
      this.leave(claim);
      this.decideAway(claim, now);
    }
  }
}
