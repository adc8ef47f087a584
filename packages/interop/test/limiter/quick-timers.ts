import { afterEach, beforeEach, vi } from 'vitest';

/**
 * Timers of 0 ms fire in a microtask: Bottleneck waits for several of them in each job, and the contract,
 * which gives an operation one turn of the event loop to begin, makes thousands of calls.
 */
export function quickTimers(): void {
  beforeEach(() => {
    const arm = globalThis.setTimeout;
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(((callback: () => void, ms = 0) => {
      if (ms > 0) return arm(callback, ms);
      queueMicrotask(callback);
      return undefined;
    }) as typeof setTimeout);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
}
