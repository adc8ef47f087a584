import { knownOptions, positiveCount, positiveMilliseconds } from '@holdfast/policy';
import type { CircuitBreaker } from '../circuit-breaker.ts';
import type { CircuitExtra } from '../extra.ts';
import type { CircuitBreakerOptions } from '../options.ts';
import { ExtendedBreaker } from './extended-breaker.ts';
import { type WaitHost, WaitingRoom } from './waiting-room.ts';

/** What {@link waitForProbe} can be told. */
export interface WaitForProbeOptions {
  /**
   * How many calls may wait: an integer from 1 up, or Infinity. Whoever finds the queue full is
   * rejected at once.
   *
   * @default 100
   */
  readonly maxQueued?: number | undefined;
  /**
   * How long a call may wait, in milliseconds. Without it a call waits until the probes have
   * decided, which takes at most `probeTimeoutMs` after the last permit, until its caller gives up,
   * or until its deadline has passed.
   *
   * @default undefined
   */
  readonly maxWaitMs?: number | undefined;
}

export class ProbeWaiting implements CircuitExtra<'whenProbing'> {
  readonly extra = 'whenProbing';
  readonly options: { readonly maxQueued: number; readonly maxWaitMs?: number };

  constructor(maxQueued: number, maxWaitMs: number | undefined) {
    this.options = maxWaitMs === undefined ? { maxQueued } : { maxQueued, maxWaitMs };
  }

  makeRoom(host: WaitHost): WaitingRoom {
    return new WaitingRoom(host, this.options.maxQueued, this.options.maxWaitMs);
  }

  makeBreaker<R>(options: CircuitBreakerOptions<R>): CircuitBreaker<R> {
    return new ExtendedBreaker(options);
  }
}

/**
 * Lets the calls that find all probes of a half-open circuit on their way wait for the decision, in
 * the order in which they came. When the circuit closes they go on; when it opens they are rejected
 * with a {@link CircuitOpenError}. A probe that is ignored gives its permit to the first of them.
 *
 * Whoever gives up leaves the queue at once. A call whose deadline passes meanwhile rejects with a
 * `TimeoutError`. If the probes hang, the circuit opens after `probeTimeoutMs` by a timer: nobody
 * waits for ever. `tryAcquire` does not wait.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const breaker = circuitBreaker({ whenProbing: waitForProbe({ maxQueued: 50, maxWaitMs: 500 }) });
 * ```
 */
export function waitForProbe(options: WaitForProbeOptions = {}): CircuitExtra<'whenProbing'> {
  const { maxQueued = 100, maxWaitMs } = knownOptions(options, ['maxQueued', 'maxWaitMs']);
  positiveCount('maxQueued', maxQueued);
  if (maxWaitMs !== undefined) positiveMilliseconds('maxWaitMs', maxWaitMs);
  return new ProbeWaiting(maxQueued, maxWaitMs);
}
