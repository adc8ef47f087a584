import type { Batch } from './measure.ts';

/** One thing to measure: what is called, by which library. */
export interface Case {
  /** What happens in the call; cases of one group are compared with each other. */
  readonly group: string;
  /** The library, `'bare'` for no library at all. */
  readonly library: string;
  /** Makes the batch, in the process that measures it. */
  readonly make: () => Batch | Promise<Batch>;
}

const value = async (): Promise<number> => 1;
export const failure: Error = new Error('the dependency failed');
const failing = async (): Promise<number> => {
  throw failure;
};

/** A batch of calls that succeed. */
export function succeeding(call: (operation: () => Promise<number>) => Promise<unknown>): Batch {
  return async (n) => {
    for (let i = 0; i < n; i++) await call(value);
  };
}

/** A batch of calls that reject, whatever with. */
export function rejecting(call: (operation: () => Promise<number>) => Promise<unknown>): Batch {
  return async (n) => {
    for (let i = 0; i < n; i++) {
      try {
        await call(failing);
      } catch {
        // That is the case: the cost of the rejection is what is measured.
      }
    }
  };
}

/** A batch of calls that succeed, each with a signal of its own, as in a server. */
export function withFreshSignals(
  call: (operation: () => Promise<number>, signal: AbortSignal) => Promise<unknown>,
): Batch {
  return async (n) => {
    for (let i = 0; i < n; i++) await call(value, new AbortController().signal);
  };
}
