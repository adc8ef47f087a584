import {
  Bulkhead,
  Circuit,
  type Module,
  Retry,
  SlidingCountBreaker,
  SlidingTimeBreaker,
  Timeout,
} from 'mollitia';
import type { Call } from '../batch.ts';

const parts = {
  retry: () => new Retry({ attempts: 2, interval: 0 }),
  timeout: () => new Timeout({ delay: 30_000 }),
  bulkhead: (concurrentSize = 25, queueSize = 0) =>
    new Bulkhead({ concurrentSize, queueSize, maxQueueWait: 3_600_000 }),
  countBreaker: () => new SlidingCountBreaker({ slidingWindowSize: 100, openStateDelay: 5_000 }),
  timeBreaker: () => new SlidingTimeBreaker({ slidingWindowSize: 30_000, openStateDelay: 5_000 }),
};

/** The call of a circuit with these modules. */
function circuit(...modules: Module[]): Call {
  const made = new Circuit({ options: { modules } });
  return (operation) => made.fn(operation).execute();
}

export const mollitia = {
  retry: (): Call => circuit(parts.retry()),
  timeout: (): Call => circuit(parts.timeout()),
  bulkhead: (limit?: number, queue?: number): Call => circuit(parts.bulkhead(limit, queue)),
  breaker: (): Call => circuit(parts.timeBreaker()),
  three: (): Call => circuit(parts.retry(), parts.countBreaker(), parts.bulkhead()),
  four: (): Call => circuit(parts.timeout(), parts.retry(), parts.countBreaker(), parts.bulkhead()),
};
