import type { ExecuteOptions, Operation } from '../policy.ts';
import type { Plan } from './plan.ts';
import { RunContext } from './run-context.ts';

/**
 * What is still at work under a record: its operation, what `waitUntil` named, its branches, and the
 * attempts that it took over from and that have not ended. Places are held until all of it is done.
 */
export abstract class RunWork extends RunContext {
  /** The operation of this record has been called. */
  declare started: boolean;
  /** An earlier record of this call has called the operation. */
  declare ranBefore: boolean;
  /** The operation of this record has been called and has not settled. */
  declare protected working: boolean;
  /** How much else is at work. */
  declare openWork: number;
  /** The answer has gone out, or another record has taken over. */
  declare protected isOver: boolean;
  /** The record to tell when all work under this one has ended. */
  declare protected owner: RunWork | undefined;
  declare private idlePlaces: number[] | undefined;

  constructor(plan: Plan, operation: Operation<unknown>, options: ExecuteOptions | undefined) {
    super(plan, operation, options);
    this.started = false;
    this.ranBefore = false;
    this.working = false;
    this.openWork = 0;
    this.isOver = false;
    this.owner = undefined;
    this.idlePlaces = undefined;
  }

  waitUntil(work: PromiseLike<unknown>): void {
    if (!this.working) {
      throw new TypeError('waitUntil must be called before the operation has settled.');
    }
    this.openWork++;
    const close = (): void => this.closeWork();
    Promise.resolve(work).then(close, close);
  }

  /** Calls `idle` of layer `at` once all work under this record has ended. */
  holdUntilIdle(at: number): void {
    if (this.idlePlaces === undefined) this.idlePlaces = [at];
    else this.idlePlaces.push(at);
  }

  /** Calls the operation and returns or throws what it does. */
  call(): unknown {
    this.working = true;
    this.started = true;
    for (let owner = this.owner; owner !== undefined; owner = owner.owner) owner.started = true;
    const { operation } = this;
    return operation(this);
  }

  private closeWork(): void {
    this.openWork--;
    this.closeIfIdle();
  }

  /** Frees the places and tells the owner, if nothing is at work any more. */
  protected closeIfIdle(): void {
    if (this.working || this.openWork > 0 || !this.isOver) return;
    const places = this.idlePlaces;
    if (places !== undefined) {
      this.idlePlaces = undefined;
      for (const at of places) this.plan.layers[at]?.idle?.(this as never, at);
    }
    const { owner } = this;
    if (owner !== undefined) {
      this.owner = undefined;
      owner.closeWork();
    }
  }

  /** Lets `next` answer for the work under this record, and for the owner of this one. */
  protected passWorkTo(next: RunWork): void {
    next.ranBefore = this.ranBefore || this.started;
    next.owner = this.owner;
    this.owner = undefined;
    if (!this.working && this.openWork === 0) return;
    this.owner = next;
    next.openWork++;
  }

  /** Makes this record answer for the work under `branch`. */
  protected own(branch: RunWork): void {
    branch.ranBefore = this.ranBefore;
    branch.owner = this;
    this.openWork++;
  }
}
