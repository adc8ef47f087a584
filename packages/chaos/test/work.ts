import type { ExecutionContext } from '@holdfast/policy';
import type { VirtualClock } from '@holdfast/testing';

/** Lasts so long, and obeys its signal. */
export function lasting<T>(
  clock: VirtualClock,
  ms: number,
  value: T,
): (context: ExecutionContext) => Promise<T> {
  return ({ signal }) =>
    new Promise((resolve, reject) => {
      const timer = clock.setTimeout(() => resolve(value), ms);
      const abort = (): void => {
        timer.cancel();
        reject(signal.reason as Error);
      };
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort);
    });
}

/** When a promise settles, in milliseconds from now. */
export function timeOf(clock: VirtualClock, call: Promise<unknown>): Promise<number> {
  const from = clock.now();
  const took = (): number => clock.now() - from;
  return clock.runUntil(call.then(took, took));
}
