import { invalidOption, type Outcome, systemClock } from '@holdfast/policy';
import type { RetryOptions } from '@holdfast/retry';
import { delayAfter } from './p-retry/delay-after.ts';
import type { Options, PRetryOptions, RetryContext } from './p-retry/options.ts';
import { type Settings, settingsOf } from './p-retry/settings.ts';
import { errorOf, isWorthRetry } from './p-retry/thrown.ts';
import { unrefClock } from './p-retry/unref-clock.ts';

/**
 * Gives the options with which `retry` goes by the options of p-retry: the same delays, and the same
 * errors retried. Callbacks and defaults are those of p-retry; an `AbortError` ends the retries.
 *
 * `maxRetryTime` becomes `maxElapsedMs`, which is kept: no attempt begins later, and no delay is shortened
 * to it. `retryDelay` does not know of it. What is no `Error` is not retried, but comes back as it is.
 *
 * @throws `TypeError` naming the option that cannot be used: `signal` belongs to the call
 * (`policy.execute(operation, { signal })`), and `shouldConsumeRetry` has no counterpart.
 *
 * @example
 * ```ts
 * const orders = retry(fromPRetryOptions({ retries: 5, minTimeout: 100, randomize: true }));
 *
 * const order = await orders.execute(({ signal }) => readOrder(7, { signal }));
 * ```
 */
export function fromPRetryOptions(options: PRetryOptions = {}): RetryOptions {
  checkCounterparts(options);
  const settings = settingsOf(options);
  const { retries, maxRetryTime, unref } = settings;
  const plans = new Plans(settings);
  return {
    // No count goes so far that one too large to count to could matter.
    maxAttempts: retries < Number.MAX_SAFE_INTEGER ? retries + 1 : Infinity,
    maxElapsedMs: maxRetryTime === Infinity ? undefined : maxRetryTime,
    shouldRetry: (outcome, attempt) => !outcome.ok && plans.ask(outcome, attempt),
    delayFrom: (outcome, attempt) => plans.delayOf(outcome, attempt),
    clock: unref ? unrefClock : systemClock,
  };
}

function checkCounterparts(options: Options): void {
  const { signal, shouldConsumeRetry } = options;
  if (signal !== undefined && signal !== null) {
    throw invalidOption('signal', 'given to each call, not to the policy', signal, TypeError);
  }
  if (shouldConsumeRetry !== undefined && shouldConsumeRetry !== null) {
    const expected = 'left out, since retry has no counterpart';
    throw invalidOption('shouldConsumeRetry', expected, shouldConsumeRetry, TypeError);
  }
}

/** What the callbacks have been told about an outcome: a random delay is drawn once. */
class Plans {
  private readonly delays: WeakMap<Outcome<unknown>, number> = new WeakMap();
  private readonly settings: Settings;

  constructor(settings: Settings) {
    this.settings = settings;
  }

  async ask(outcome: Outcome<unknown> & { readonly ok: false }, attempt: number): Promise<boolean> {
    const { onFailedAttempt, shouldRetry } = this.settings;
    const error = errorOf(outcome.error);
    const context = this.contextOf(error, attempt);
    this.delays.set(outcome, context.retryDelay);
    await onFailedAttempt(context);
    if (!isWorthRetry(error) || context.retriesLeft === 0) return false;
    return shouldRetry(context);
  }

  private contextOf(error: Error, attemptNumber: number): RetryContext {
    const retriesConsumed = attemptNumber - 1;
    const retriesLeft = this.settings.retries - retriesConsumed;
    const mayRetry = isWorthRetry(error) && retriesLeft > 0;
    const retryDelay = mayRetry ? delayAfter(retriesConsumed, this.settings) : 0;
    return Object.freeze({ error, attemptNumber, retriesLeft, retriesConsumed, retryDelay });
  }

  delayOf(outcome: Outcome<unknown>, attempt: number): number {
    return this.delays.get(outcome) ?? delayAfter(attempt - 1, this.settings);
  }
}
