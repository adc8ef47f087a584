import type { IBackoff, IBackoffFactory } from './backoff.ts';

/** Tells a delay in milliseconds, or that and a state which it gets back the next time. */
export type DelegateBackoffFn<T, S = void> = (
  context: T,
  state?: S,
) =>
  | {
      /** How long to wait, in milliseconds. */
      delay: number;
      /** What the next call of the function gets. */
      state: S;
    }
  | number;

/** Delays that a function tells. What it throws ends the retries: the call rejects with that. */
export class DelegateBackoff<T, S = void> implements IBackoffFactory<T> {
  private readonly fn: DelegateBackoffFn<T, S>;

  constructor(fn: DelegateBackoffFn<T, S>) {
    this.fn = fn;
  }

  /** The first delay. */
  next(context: T): IBackoff<T> {
    return this.following(context, undefined);
  }

  private following(context: T, state: S | undefined): IBackoff<T> {
    const told = this.fn(context, state);
    const after = typeof told === 'number' ? state : told.state;
    const duration = typeof told === 'number' ? told : told.delay;
    return { duration, next: (later) => this.following(later, after) };
  }
}
