import { systemClock } from '@holdfast/policy';
import { stopIn } from './abort-error.ts';
import { delayAfter } from './delay-after.ts';
import type { RetryContext } from './options.ts';
import type { Settings } from './settings.ts';
import { errorOf, isWorthRetry } from './thrown.ts';

/** What a call of `pRetry` runs. */
export type Input<T> = (attemptNumber: number) => PromiseLike<T> | T;

/**
 * One call of `pRetry`: what happens in an attempt, callbacks included. The waits between attempts, and
 * how an abort ends them, are up to the retry around it. The callbacks are part of an attempt since an
 * abort must wait for them as it does for the function.
 */
export class RetriedCall<T> {
  /** How long to wait before the next attempt, in milliseconds. */
  delayMs = 0;
  /** What the call rejects with, once there is no further attempt. */
  ending: { readonly error: unknown } | undefined = undefined;
  private attempts = 0;
  private consumed = 0;
  private readonly startedAt: number = systemClock.now();
  private readonly input: Input<T>;
  private readonly settings: Settings;

  constructor(input: Input<T>, settings: Settings) {
    this.input = input;
    this.settings = settings;
  }

  /** Calls the function once. What it rejects with matters only to events: see `ending`. */
  async attempt(): Promise<T> {
    const { input } = this;
    this.attempts++;
    try {
      const value = await input(this.attempts);
      this.settings.signal?.throwIfAborted();
      return value;
    } catch (thrown) {
      await this.failed(thrown);
      throw thrown;
    }
  }

  private async failed(thrown: unknown): Promise<void> {
    try {
      await this.judge(thrown);
    } catch (error) {
      this.ending = { error };
    }
  }

  /** Prepares a further attempt, or throws what the call is to reject with. */
  private async judge(thrown: unknown): Promise<void> {
    const { signal, onFailedAttempt, shouldConsumeRetry } = this.settings;
    signal?.throwIfAborted();
    const stop = stopIn(thrown);
    if (stop !== undefined) throw stop.error;

    const error = errorOf(thrown);
    const planned = this.contextOf(error);
    const consumes = (await shouldConsumeRetry(planned)) ?? true;
    signal?.throwIfAborted();

    const context = consumes ? planned : Object.freeze({ ...planned, retryDelay: 0 });
    await onFailedAttempt(context);
    signal?.throwIfAborted();

    if (!(await this.goesOn(context))) throw error;
    this.delayMs = consumes ? Math.min(context.retryDelay, this.timeLeft()) : 0;
    if (consumes) this.consumed++;
  }

  private contextOf(error: Error): RetryContext {
    const { consumed, attempts: attemptNumber } = this;
    const retriesLeft = this.settings.retries - consumed;
    const mayRetry = isWorthRetry(error) && this.timeLeft() > 0 && retriesLeft > 0;
    const retryDelay = mayRetry ? delayAfter(consumed, this.settings) : 0;
    return Object.freeze({
      error,
      attemptNumber,
      retriesLeft,
      retriesConsumed: consumed,
      retryDelay,
    });
  }

  private async goesOn(context: RetryContext): Promise<boolean> {
    const { signal, shouldRetry } = this.settings;
    if (!isWorthRetry(context.error) || context.retriesLeft <= 0 || this.timeLeft() <= 0) {
      return false;
    }
    const isWanted = await shouldRetry(context);
    signal?.throwIfAborted();
    return isWanted && this.timeLeft() > 0;
  }

  private timeLeft(): number {
    const { maxRetryTime } = this.settings;
    if (maxRetryTime === Infinity) return Infinity;
    return maxRetryTime - (systemClock.now() - this.startedAt);
  }
}
