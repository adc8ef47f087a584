import { Effect, Semaphore } from 'effect';
import type { Call, Work } from '../batch.ts';

const tried = (operation: Work) => Effect.tryPromise(operation);

export const effect = {
  retry: (): Call => (operation) => Effect.runPromise(Effect.retry(tried(operation), { times: 2 })),
  timeout: (): Call => (operation) => Effect.runPromise(Effect.timeout(tried(operation), 30_000)),
  bulkhead: (limit = 25): Call => {
    const semaphore = Semaphore.makeUnsafe(limit);
    return (operation) => Effect.runPromise(semaphore.withPermits(1)(tried(operation)));
  },
  /** It has no circuit breaker: retry, timeout and semaphore. */
  three: (): Call => {
    const semaphore = Semaphore.makeUnsafe(25);
    return (operation) => {
      const once = semaphore.withPermits(1)(tried(operation));
      return Effect.runPromise(Effect.timeout(Effect.retry(once, { times: 2 }), 30_000));
    };
  },
};
