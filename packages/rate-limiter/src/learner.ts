import { type Clock, type Outcome, type Run, runGuarded } from '@holdfast/policy';
import type { RateState } from './algorithm.ts';
import type { Bucket } from './bucket.ts';

/** A limiter that learns. */
export interface Learning {
  readonly clock: Clock;
  readonly kind: string;
  readonly name: string;
  /** The rate of a bucket has fallen to a share of its limit. */
  throttled(bucket: Bucket, pauseMs: number, share: number): void;
}

/** The counts of a key, which can be told to go slower. */
export interface LearningState extends RateState {
  fall(now: number, began: number, pauseMs: number): void;
  share(now: number): number;
}

/** What a limiter that learns remembers of a call. */
export interface AdmittedCall {
  readonly bucket: Bucket;
  readonly began: number;
}

/** Lets a limiter learn from the end of its calls. */
export class RateLearner {
  private readonly limiter: Learning;
  private readonly pauseAfter: (outcome: Outcome<unknown>) => number | undefined;

  constructor(limiter: Learning, pauseAfter: RateLearner['pauseAfter']) {
    this.limiter = limiter;
    this.pauseAfter = pauseAfter;
  }

  /** What comes after somebody has stopped waiting says nothing that can be relied on. */
  ended(run: Run, { bucket, began }: AdmittedCall, outcome: Outcome<unknown>): void {
    if (run.isCut || (!outcome.ok && run.callerGaveUp)) return;
    const { kind, name } = this.limiter;
    runGuarded(
      () => {
        const pauseMs = this.pauseAfter(outcome);
        if (pauseMs !== undefined) this.slowDown(bucket, began, pauseMs);
      },
      { kind, event: 'isThrottled', policy: name },
    );
  }

  /** Somebody has said that a call that began at that moment was too much. */
  slowDown(bucket: Bucket, began: number, pauseMs: number): void {
    const { limiter } = this;
    const now = limiter.clock.now();
    const state = bucket.state as LearningState;
    state.fall(now, began, pauseMs);
    limiter.throttled(bucket, pauseMs, state.share(now));
  }
}
