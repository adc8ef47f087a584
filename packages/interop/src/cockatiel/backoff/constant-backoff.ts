import type { IBackoff, IBackoffFactory } from './backoff.ts';

/** The same delay each time. */
export class ConstantBackoff implements IBackoffFactory<unknown> {
  private readonly delay: IBackoff<unknown>;

  constructor(interval: number) {
    this.delay = { duration: interval, next: () => this.delay };
  }

  /** The delay. */
  next(): IBackoff<unknown> {
    return this.delay;
  }
}
