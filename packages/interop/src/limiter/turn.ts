import type { HeapedDeadline, Run } from '@holdfast/policy';

/** What has become of a call that went to a limiter. */
export type TurnState =
  /** The limiter has not come to it yet. */
  | 'waiting'
  /** The limiter has, and the call goes on as soon as the engine gets to it. */
  | 'called'
  /** The operation runs. */
  | 'working'
  /** The operation has failed, and the limiter may want a further attempt. */
  | 'failed'
  /** The limiter will not come to it. */
  | 'rejected'
  /** Its deadline has passed. */
  | 'overdue'
  /** It has been answered, or nobody waits for it any more. */
  | 'over';

/** Whom a turn tells what the limiter does with it. */
export interface TurnKeeper {
  called(turn: Turn): void;
  ended(turn: Turn, cause: unknown): void;
  overdue(turn: Turn): void;
}

/** One call, as a job of the limiter: its ticket. */
export class Turn implements HeapedDeadline {
  due: number | undefined = undefined;
  place = -1;
  state: TurnState = 'waiting';
  run: Run;
  readonly at: number;
  /** When it came in, if it has a deadline. */
  since = 0;
  /** For how many milliseconds the job may run, if the limiter bounds that. */
  expiresMs: number | undefined = undefined;
  /** What the limiter said when it rejected the job. */
  cause: unknown = undefined;
  /** What the operation rejected with, while the state is `'failed'`. */
  error: unknown = undefined;
  private readonly keeper: TurnKeeper;
  private work: PromiseWithResolvers<void> | undefined = undefined;

  constructor(run: Run, at: number, keeper: TurnKeeper) {
    this.run = run;
    this.at = at;
    this.keeper = keeper;
  }

  /** What the limiter runs. It holds the place until the promise settles; undefined gives it back. */
  readonly task = (): Promise<void> | undefined => {
    if (this.state !== 'waiting' && this.state !== 'failed') {
      this.keeper.called(this);
      return undefined;
    }
    this.work = Promise.withResolvers();
    const { promise } = this.work;
    this.keeper.called(this);
    return promise;
  };

  /** Gives the place back. */
  release(): void {
    this.state = 'over';
    this.work?.resolve();
  }

  /** Gives the place back with an error, of which the limiter makes what it likes. */
  fail(error: unknown): void {
    this.state = 'failed';
    this.error = error;
    this.work?.reject(error);
  }

  expire(): void {
    this.keeper.overdue(this);
  }

  /** The limiter has settled the job, or dropped it without a word. */
  readonly ended = (cause?: unknown): void => {
    this.keeper.ended(this, cause);
  };
}
