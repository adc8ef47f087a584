/** Awaits what is measured `n` times, or a little more often. */
export type Batch = (n: number) => Promise<void>;

/** An operation, as every contender gets it. */
export type Work = () => Promise<number>;

/** One call of an operation by a contender. */
export type Call = (operation: Work) => Promise<unknown>;

export const succeed: Work = async () => 1;
export const failure: Error = new Error('the dependency failed');
export const fail: Work = async () => {
  throw failure;
};

/** Calls that succeed, one after the other. */
export function succeeding(call: Call): Batch {
  return async (n) => {
    for (let i = 0; i < n; i++) await call(succeed);
  };
}

/** Calls that reject, whatever with, one after the other. */
export function rejecting(call: Call): Batch {
  return async (n) => {
    for (let i = 0; i < n; i++) {
      try {
        await call(fail);
      } catch {
        // That is the case: the cost of the rejection is what is measured.
      }
    }
  };
}

async function deep(frames: number, call: () => Promise<unknown>): Promise<unknown> {
  return frames === 0 ? call() : deep(frames - 1, call);
}

/** Calls that reject, each below so many frames. */
export function rejectingDeep(frames: number, call: Call): Batch {
  return rejecting((operation) => deep(frames, () => call(operation)));
}

/** Calls that succeed, each with a signal of its own, as in a server. */
export function withFreshSignals(
  call: (operation: Work, signal: AbortSignal) => Promise<unknown>,
): Batch {
  return async (n) => {
    for (let i = 0; i < n; i++) await call(succeed, new AbortController().signal);
  };
}

/** Calls whose operation fails twice and then succeeds. */
export function thirdTime(call: Call): Batch {
  return async (n) => {
    for (let i = 0; i < n; i++) {
      let attempt = 0;
      await call(async () => {
        if (++attempt < 3) throw failure;
        return attempt;
      });
    }
  };
}

/** Calls that nobody awaits before the next is made: `size` of them at a time. */
export function inWaves(size: number, call: Call): Batch {
  return async (n) => {
    for (let done = 0; done < n; done += size) {
      const calls: Promise<unknown>[] = [];
      for (let i = 0; i < size; i++) calls.push(call(succeed));
      await Promise.all(calls);
    }
  };
}

/** A function called in a loop that the optimiser cannot leave out. */
export function inLoop(act: () => unknown): Batch {
  return async (n) => {
    let seen = 0;
    for (let i = 0; i < n; i++) if (act() !== undefined) seen++;
    if (seen > n) throw new RangeError('counted too many');
  };
}
