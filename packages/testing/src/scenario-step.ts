import { type ExecutionContext, milliseconds } from '@holdfast/policy';
import type { VirtualClock } from './virtual-clock.ts';

/** What a step works with. */
export interface StepStage {
  /** The clock of the scenario. */
  readonly clock: VirtualClock;
  /** The context that the operation was called with. */
  readonly context: ExecutionContext;
  /** What to call at the end of the scenario, to end what is still under way. */
  readonly ends: (() => void)[];
}

/** What the operation of a scenario does at one of its calls: its result is the step's. */
export type ScenarioStep = (stage: StepStage) => unknown;

function after(afterMs: number, settle: () => unknown): ScenarioStep {
  milliseconds('afterMs', afterMs);
  if (afterMs === 0) return settle;
  return ({ clock, ends }) =>
    new Promise<void>((resolve) => {
      const timer = clock.setTimeout(resolve, afterMs);
      ends.push(() => {
        timer.cancel();
        resolve();
      });
    }).then(settle);
}

/** Returns the value, at once or after some milliseconds. It ignores its signal, as bad code does. */
export function returns(value: unknown, afterMs = 0): ScenarioStep {
  return after(afterMs, () => value);
}

/** Rejects with the error, at once or after some milliseconds. It ignores its signal. */
export function fails(error: unknown, afterMs = 0): ScenarioStep {
  return after(afterMs, () => {
    throw error;
  });
}

/**
 * Never settles by itself: not before its signal is aborted (then it rejects with the reason, as
 * `fetch` does), or, if it is `deaf`, before the scenario is over.
 */
export function hangs(options: { readonly deaf?: boolean | undefined } = {}): ScenarioStep {
  const { deaf = false } = options;
  return ({ context, ends }) =>
    new Promise((resolve, reject) => {
      ends.push(() => resolve(undefined));
      if (deaf) return;
      const { signal } = context;
      const abort = (): void => reject(signal.reason as Error);
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      ends.push(() => signal.removeEventListener('abort', abort));
    });
}
