/*
 * The machine's own timers and clock, taken when this module loads: fake timers that a test
 * installs later neither stop the fault server nor the turns that the virtual clock waits for.
 */

const setTimer = globalThis.setTimeout;
const clearTimer = globalThis.clearTimeout;
const setTurn = globalThis.setImmediate;
const readClock: () => number = globalThis.performance.now.bind(globalThis.performance);

/** Milliseconds of the machine's monotonic clock. */
export function realTimeMs(): number {
  return readClock();
}

/** Calls back after real milliseconds have passed; returns a function that calls it off. */
export function afterRealMs(delayMs: number, callback: () => void): () => void {
  const timer = setTimer(callback, delayMs);
  return () => {
    clearTimer(timer);
  };
}

/**
 * Waits until nothing is left to react: two turns of the event loop.
 *
 * Before the loop turns, Node empties the queues of `process.nextTick` and of promise reactions with
 * all that they add to themselves, however many `await`s are chained. The second turn is for what
 * those reactions put off to the end of their own turn with `setImmediate`, and what follows from it.
 */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    setTurn(() => {
      setTurn(resolve);
    });
  });
}
