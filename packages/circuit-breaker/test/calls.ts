import type { CircuitBreaker } from '@holdfast/circuit-breaker';
import type { ExecuteOptions, Outcome } from '@holdfast/policy';

/** What a failing operation throws. */
export const down: Error = new Error('the dependency is down');

export const fails = (): Promise<never> => Promise.reject(down);
export const succeeds = (): Promise<string> => Promise.resolve('ok');
export const hangs = (): Promise<never> => new Promise(() => {});

/** Makes failing calls, one after another. */
export async function failTimes(breaker: CircuitBreaker, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await breaker.outcome(fails);
}

/** Makes succeeding calls, one after another. */
export async function succeedTimes(breaker: CircuitBreaker, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await breaker.outcome(succeeds);
}

/** A call whose operation the test settles by hand. */
export interface ManualCall {
  readonly outcome: Promise<Outcome<unknown>>;
  readonly isCalled: () => boolean;
  resolve(value?: unknown): Promise<Outcome<unknown>>;
  reject(error?: unknown): Promise<Outcome<unknown>>;
}

export function manualCall(breaker: CircuitBreaker, options?: ExecuteOptions): ManualCall {
  const work = Promise.withResolvers<unknown>();
  let called = false;
  const outcome = breaker.outcome(() => {
    called = true;
    return work.promise;
  }, options);
  return {
    outcome,
    isCalled: () => called,
    resolve(value = 'ok') {
      work.resolve(value);
      return outcome;
    },
    reject(error = down) {
      work.reject(error);
      return outcome;
    },
  };
}

/** The error of a call that failed. */
export async function errorOf(outcome: Promise<Outcome<unknown>>): Promise<unknown> {
  const settled = await outcome;
  return settled.ok ? undefined : settled.error;
}
