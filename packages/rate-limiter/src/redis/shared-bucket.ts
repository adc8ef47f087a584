import { deadlineHeap, type HeapedDeadline } from '@holdfast/policy';
import { type RateState, rounding } from '../algorithm.ts';
import type { KeptBucket } from '../bucket-source.ts';
import type { WaitingLine } from '../waiting-line.ts';
import type { BucketOwner } from './bucket-owner.ts';
import type { Claim } from './claim.ts';
import { composeQuestion } from './compose-question.ts';
import { LocalUse } from './local-use.ts';
import { Hand, Lot } from './lot.ts';
import type { Answer, Question } from './question.ts';
import type { Asker } from './redis-store.ts';
import type { ShareSize } from './share-size.ts';

/** It makes no sense to ask again sooner than this. */
const leastPauseMs = 1;
/** What is known may have changed after this: somebody may have deleted the key. */
const longestMemoryMs = 1_000;

/** What a {@link SharedBucket} is made from. */
export interface SharedBucketParts {
  readonly owner: BucketOwner;
  /** The name of the key in Redis. */
  readonly redisKey: string;
  readonly line: WaitingLine<Claim>;
  /** How much to take ahead; undefined if nothing is. */
  readonly share: ShareSize | undefined;
}

/** One key: what this process has in hand, those who ask for it, and those who wait for it. */
export class SharedBucket implements HeapedDeadline, KeptBucket<SharedBucket>, Asker {
  due: number | undefined = undefined;
  place = -1;
  older: SharedBucket | undefined = undefined;
  newer: SharedBucket | undefined = undefined;
  readonly key: string | undefined;
  readonly redisKey: string;
  readonly line: WaitingLine<Claim>;
  readonly share: ShareSize | undefined;
  readonly state: Hand = new Hand();
  /** Those who wait for an answer. */
  asking: Claim[] = [];
  /** Answers take so long that what they grant could hardly be kept. */
  isSlow = false;
  private readonly owner: BucketOwner;
  private isAsked = false;
  private willAsk = false;
  /** So many units may not go until then. */
  private blockedUnits = Number.POSITIVE_INFINITY;
  private blockedUntil = 0;
  private rememberedUntil = 0;
  /** Redis has not reserved anything, though it was asked to. */
  private mustPause = false;
  private knownRemaining: number | undefined = undefined;
  private knownResetAt = 0;
  private readonly local: LocalUse;

  constructor(key: string | undefined, { owner, redisKey, line, share }: SharedBucketParts) {
    this.key = key;
    this.owner = owner;
    this.redisKey = redisKey;
    this.line = line;
    this.share = share;
    this.local = new LocalUse(owner);
  }

  /** Nothing has to be remembered of it. */
  get isIdle(): boolean {
    const { line, asking, state } = this;
    const isQuiet = !this.isAsked && !this.willAsk && line.size === 0 && asking.length === 0;
    if (!isQuiet || !state.isEmpty || state.hasReturns) return false;
    return this.local.owed(this.owner.clock.now()) === 0;
  }

  // --- What is known here -------------------------------------------------------------------------

  /** Lets so many units go at once, if they are in hand and nobody waits. */
  takeInHand(now: number, units: number): boolean {
    const { share, state } = this;
    share?.note(units);
    if (this.line.size > 0 || this.asking.length > 0) return false;
    if (state.take(now, units) === undefined) return false;
    if (state.left < (share?.low ?? 0) && !this.isAsked) this.askSoon();
    return true;
  }

  /** The counts of this process alone, while Redis is away and there are any. */
  localCounts(): RateState | undefined {
    return this.local.counts();
  }

  /** After how many milliseconds so many units might go, if it is known that they may not now. */
  blockedFor(now: number, units: number): number {
    const isKnown = units >= this.blockedUnits && now < this.rememberedUntil;
    return isKnown ? Math.max(0, this.blockedUntil - now) : 0;
  }

  /** After how many milliseconds so many units may go behind `before` others, as far as is known. */
  waitBehind(now: number, before: number, units: number): number {
    const local = this.localCounts();
    if (local !== undefined) return local.waitFor(now, before + units);
    const { intervalMs } = this.owner.rule;
    const lot = this.state.lotFor(1, now);
    if (lot === undefined) return this.blockedFor(now, units) + before * intervalMs;
    return Math.max(0, lot.from - now) + Math.max(0, before + units - lot.left) * intervalMs;
  }

  remaining(now: number): number {
    const { knownRemaining, owner, state } = this;
    const known = knownRemaining ?? owner.rule.algorithm.capacity;
    return this.localCounts()?.remaining(now) ?? known + state.unitsAt(now);
  }

  resetAfter(now: number): number {
    return this.localCounts()?.resetAfter(now) ?? Math.max(0, this.knownResetAt - now);
  }

  // --- Asking -------------------------------------------------------------------------------------

  /** Waits for the next answer. */
  ask(claim: Claim): void {
    this.asking.push(claim);
    this.askSoon();
  }

  /** Asks once all that runs now has run, so that those who ask in one turn ask together. */
  askSoon(): void {
    this.owner.activate(this);
    if (this.willAsk || this.isAsked) return;
    this.willAsk = true;
    queueMicrotask(() => process.nextTick(askNow, this));
  }

  askNow(): void {
    this.willAsk = false;
    const { owner } = this;
    if (this.isAsked || owner.store.isAway) return;
    const question = composeQuestion(this, owner, owner.clock.now());
    if (question === undefined) return;
    this.isAsked = true;
    owner.store.ask(this, question);
  }

  /** Remembers where the limit stands. */
  learn({ remaining, resetAfterMs }: Answer): void {
    this.knownRemaining = remaining;
    this.knownResetAt = this.owner.clock.now() + resetAfterMs;
  }

  answered(answer: Answer, question: Question, askedAt: number): void {
    const { clock, holdMs } = this.owner;
    const now = clock.now();
    const { granted, waitMs } = answer;
    this.isAsked = false;
    this.isSlow = (now - askedAt) * 2 > holdMs;
    this.learn(answer);
    const isShort = granted < question.want || waitMs > 0;
    const pauseMs = waitMs > 0 ? waitMs : answer.retryAfterMs;
    this.blockedUnits = isShort ? question.need : Number.POSITIVE_INFINITY;
    this.blockedUntil = now + Math.max(leastPauseMs, pauseMs);
    this.rememberedUntil = now + longestMemoryMs;
    this.mustPause = question.ahead > 0 && granted === 0;
    this.keep(answer, question, { askedAt, now });
    this.serve(now);
  }

  /**
   * Redis has granted it after it was asked and before it answered. A process that stood still meanwhile
   * must not use what is too old by now.
   */
  private keep(
    { granted, waitMs, mark, extra, extraMark }: Answer,
    { lateMs, holdMs }: Question,
    { askedAt, now }: { readonly askedAt: number; readonly now: number },
  ): void {
    const { state, owner } = this;
    const from = now + waitMs;
    const mostLateMs = waitMs > 0 && lateMs > 0 ? lateMs : owner.store.timeoutMs;
    const until = askedAt + waitMs + mostLateMs;
    if (granted > 0) state.add(new Lot({ units: granted, from, until, isForNow: true, mark }));
    if (extra === 0) return;
    const kept = { from: now, until: askedAt + holdMs, isForNow: false };
    state.add(new Lot({ units: extra, ...kept, mark: extraMark }));
  }

  unanswered({ returns }: Question): void {
    this.isAsked = false;
    this.state.chargeAgain(returns);
    if (!this.owner.store.isAway) this.serve(this.owner.clock.now());
  }

  answeredLate({ granted, mark, extra, extraMark }: Answer): void {
    this.state.giveBack(granted, mark);
    this.state.giveBack(extra, extraMark);
    this.owner.activate(this);
  }

  // --- Serving ------------------------------------------------------------------------------------

  /** Lets those go that may, decides about those who have asked, and asks for the others. */
  serve(now: number): void {
    const { line, owner, state } = this;
    for (let claim = line.next(now); claim !== undefined; claim = line.next(now)) {
      if (!this.take(claim, now)) break;
      line.remove(claim);
      owner.served(claim);
    }
    this.decideAsking(now);
    state.tidy(now, line.size > 0);
    const heap = deadlineHeap(owner.clock);
    const first = line.next(now);
    const due = first === undefined ? undefined : this.whenToServe(first, now);
    heap.remove(this);
    if (due !== undefined && due > now) heap.add(this, due);
    else if (first !== undefined || this.asking.length > 0) this.askSoon();
  }

  /** When to look at the line again; undefined if Redis is to be asked now. */
  private whenToServe(first: Claim, now: number): number | undefined {
    const local = this.localCounts();
    if (local !== undefined) return now + Math.max(rounding, local.waitFor(now, first.units));
    const lot = this.state.lotFor(first.units, now);
    if (lot !== undefined) return lot.from;
    if (!this.mustPause) return undefined;
    return Math.min(now + this.blockedFor(now, first.units), this.rememberedUntil);
  }

  private decideAsking(now: number): void {
    const { owner, line } = this;
    if (this.asking.length === 0) return;
    const claims = this.asking.filter(({ state }) => state === 'asking');
    this.asking = [];
    if (owner.hasOrder) claims.sort((one, other) => one.rank - other.rank);
    for (const claim of claims) {
      if (line.size === 0 && this.take(claim, now)) owner.served(claim);
      else if (owner.store.isAway) owner.decideAway(claim, now);
      else if (line.size > 0 || this.blockedFor(now, claim.units) > 0) owner.decide(claim, now);
      else this.asking.push(claim);
    }
  }

  /** Takes what a claim needs, if it may go now. */
  take(claim: Claim, now: number): boolean {
    claim.lot = this.state.take(now, claim.units);
    if (claim.lot !== undefined) return true;
    claim.taken = this.local.take(now, claim.units);
    if (claim.taken === undefined) return false;
    this.owner.activate(this);
    return true;
  }

  /** Takes back what a claim has got that does not go after all. */
  restore({ lot, taken, units }: Claim, now: number): void {
    if (lot !== undefined) this.state.putBack(lot, units);
    if (taken !== undefined) this.local.giveBack(taken, now);
    this.owner.activate(this);
    this.serve(now);
  }

  /** Fake timers may say that the time has come before the clock does. */
  expire(): void {
    this.serve(Math.max(this.owner.clock.now(), this.due as number));
  }

  // --- From time to time --------------------------------------------------------------------------

  /** Redis has gone away, or has come back. */
  reconsider(now: number): void {
    this.blockedUnits = Number.POSITIVE_INFINITY;
    this.mustPause = false;
    if (this.owner.store.isAway) this.owner.decideLine(this, now);
    else {
      this.state.charge(this.local.settle(now));
      if (this.state.hasReturns) this.askSoon();
    }
    this.serve(now);
  }

  /** Gives back what is too old. */
  sweep(now: number): void {
    const { state } = this;
    state.tidy(now, this.line.size > 0);
    if (state.hasReturns && !this.owner.store.isAway) this.askSoon();
  }
}

function askNow(bucket: SharedBucket): void {
  bucket.askNow();
}
