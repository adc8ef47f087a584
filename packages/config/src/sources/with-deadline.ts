import type { Clock } from '@holdfast/policy';
import { untilAborted } from './until-aborted.ts';

/** Bounds of one piece of work. */
export interface Deadline {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Whoever asked for it may give up before. */
  readonly signal: AbortSignal;
  /** What the work rejects with when its time is over. */
  readonly late: () => Error;
}

/**
 * Runs work with a signal that is aborted when its time is over, or when whoever asked for it has
 * given up; rejects then with the reason, whether the work listens or not.
 */
export async function withDeadline<T>(
  { clock, timeoutMs, signal, late }: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const timer = clock.setTimeout(() => controller.abort(late()), timeoutMs);
  const giveUp = (): void => controller.abort(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    return await untilAborted(controller.signal, () => work(controller.signal));
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', giveUp);
  }
}
