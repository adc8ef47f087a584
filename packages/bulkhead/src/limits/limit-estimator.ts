import type { MeasuredCall } from './measured-call.ts';

/** Finds the limit of one bulkhead. Times are in milliseconds. */
export interface LimitEstimator {
  /** How many places there are at present: an integer from `minLimit` to `maxLimit`. */
  readonly places: number;
  /** Whether there are fewer than it thinks right, for as long as it measures. */
  readonly isProbing: boolean;
  /** For how long a measurement may keep calls from starting. */
  readonly patienceMs: number;
  /** A call has got its place. */
  started(call: MeasuredCall): void;
  /** The work of a call has ended, and its latency counts. */
  sampled(call: MeasuredCall, latencyMs: number, now: number): void;
  /** A call has shown that there is too much to do. */
  dropped(call: MeasuredCall, now: number): void;
  /** The work of a call has ended, and tells nothing. */
  ignored(call: MeasuredCall, now: number): void;
  /** Ends a measurement, if there is one, that has kept calls waiting for too long. */
  giveUp(): void;
  /** Goes on from a limit that somebody has set. */
  reset(places: number): void;
}
