import {
  admitted,
  deadlineHeap,
  type EnterVerdict,
  type ExitVerdict,
  parked,
  pass,
  refused,
  type Run,
  withoutStack,
} from '@holdfast/policy';
import type { BucketSource } from '../bucket-source.ts';
import { checkWeight } from '../decision.ts';
import { topics as sharedTopics } from '../events.ts';
import { Claim, type Refused, type Refusing } from './claim.ts';
import { ClaimDesk } from './claim-desk.ts';
import type { SharedBucket } from './shared-bucket.ts';

/** A call that may not go at once, on its way in. */
interface Arrival {
  readonly bucket: SharedBucket;
  readonly units: number;
  readonly now: number;
}

/** Lets calls in as Redis allows, or as what was taken ahead does. */
export abstract class RedisAdmission extends ClaimDesk {
  success(): ExitVerdict {
    return pass;
  }

  failure(): ExitVerdict {
    return pass;
  }

  enter(run: Run, at: number): EnterVerdict {
    const now = run.time(this.clock);
    if (this.plain?.takeInHand(now, 1) === true) return admitted;
    let claim: Claim;
    try {
      const arrival = this.arrivalOf(run, now);
      const isTaken = this.plain === undefined && arrival.bucket.takeInHand(now, arrival.units);
      if (isTaken) return admitted;
      const waitMs = this.settings.maxQueued > 0 ? 0 : this.knownWait(arrival, now);
      if (waitMs > 0) return this.turnAway(run, arrival, { reason: 'limit', waitMs }, now);
      claim = this.claimOf(run, arrival);
    } catch (error) {
      run.answer(false, error);
      return refused;
    }
    run.tickets[at] = claim;
    this.begin(claim, now);
    if (claim.state === 'called') return admitted;
    return claim.state === 'refused'
      ? this.turnAway(run, claim, claim.refusing as Refusing, now)
      : parked;
  }

  private arrivalOf(run: Run, now: number): Arrival {
    const { weight } = this.settings;
    const bucket = this.single ?? (this.keyed as BucketSource<SharedBucket>).bucketFor(run, now);
    const { capacity } = this.rule.algorithm;
    const units = weight === undefined ? 1 : checkWeight(weight(run), capacity);
    return { bucket, units, now };
  }

  private claimOf(run: Run, { bucket, units, now }: Arrival): Claim {
    const { queue, maxQueued } = this.settings;
    const rank = queue?.rankOf(run) ?? 0;
    const { deadline } = run;
    return new Claim(this, run, { bucket, units, rank, mayWait: maxQueued > 0, now, deadline });
  }

  woken(run: Run, at: number): 0 | 2 {
    const claim = run.tickets[at] as Claim;
    const { bucket, deadline, hasWaited, since } = claim;
    const now = this.clock.now();
    if (claim.state === 'called' && deadline !== undefined && now >= deadline) {
      bucket.restore(claim, now);
      claim.refusing = { reason: 'deadline', waitMs: this.waitOf(claim, now) };
    }
    if (claim.refusing !== undefined) return this.turnAway(run, claim, claim.refusing, now);
    if (hasWaited && this.isHeard(sharedTopics.dequeued)) {
      this.tell(sharedTopics.dequeued, { key: bucket.key, waitedMs: now - since });
    }
    return admitted;
  }

  unpark(run: Run, at: number): void {
    const claim = run.tickets[at] as Claim;
    const { bucket, since, state } = claim;
    const now = this.clock.now();
    if (state === 'waiting') this.leave(claim);
    deadlineHeap(this.clock).remove(claim);
    claim.state = 'gone';
    if (state === 'called') bucket.restore(claim, now);
    else if (state === 'waiting') bucket.serve(now);
    if (claim.hasWaited && this.isHeard(sharedTopics.abandoned)) {
      this.tell(sharedTopics.abandoned, { key: bucket.key, waitedMs: now - since });
    }
  }

  private turnAway(run: Run, whom: Refused, refusing: Refusing, now: number): typeof refused {
    const { bucket } = whom;
    this.tellRefused(whom, refusing);
    run.answer(
      false,
      withoutStack(() => this.errorOf(bucket, refusing, now)),
    );
    return refused;
  }
}
