import type { IBackoff, IBackoffFactory } from './backoff.ts';

/** Delays from a list; after the last one, that one again. */
export class IterableBackoff implements IBackoffFactory<unknown> {
  private readonly durations: readonly number[];

  constructor(durations: ReadonlyArray<number>) {
    this.durations = durations;
  }

  /** The first delay. */
  next(_context: unknown): IBackoff<unknown> {
    return this.delay(0);
  }

  private delay(index: number): IBackoff<unknown> {
    const { durations } = this;
    const following = Math.min(index + 1, durations.length - 1);
    return { duration: durations[index] ?? 0, next: () => this.delay(following) };
  }
}
