import type { EventEmitter } from 'node:events';
import type { Breaker, Plan, Side } from './pair.ts';

/**
 * What ours does otherwise on purpose; `docs/migrating/opossum.md` has the reasons, and
 * `differences.test.ts` a test of each. Those that a generated scenario can run into are found by
 * {@link LateCalls} and {@link withoutUnusedLatencies}.
 */
export const differences = [
  'a call of an earlier state does not change a later one',
  'a lack of places does not open the circuit',
  'a place is held until its action has ended',
  'a probe that fails opens the circuit while it warms up, too',
  'a probe that hangs does not hold the circuit half-open for ever',
  'an abort controller that renews itself does so after a timeout that does not open the circuit',
  'a shut down breaker stays shut down',
  'health checks end with the breaker, and may throw',
  'a listener that throws changes nothing',
  'the options are not written to, and two breakers share nothing',
  'options that cannot be used are refused',
  'what cannot be called throws nothing at the caller: the promise rejects',
  'undefined and null are values of an action',
  'an error of the errorFilter is the error of the call',
  'a cache transport may be asynchronous',
  'cacheSize bounds the cache down to 0',
  'coalesceResetOn holds for actions that fail at once',
  'latencies are not kept without percentiles',
  'lastTimerAt is when the circuit has opened, and what is left of the break is waited for',
  'there are no timers but that of an open circuit',
  'rejections have no stack trace',
  'the listeners of a breaker are those of its users',
] as const;

/** One of {@link differences}. */
export type Difference = (typeof differences)[number];

interface Followed extends Breaker {
  readonly warmUp: boolean;
}

/**
 * Follows a breaker of opossum and tells as soon as it does something that ours does otherwise: from
 * there on the two cannot be compared.
 */
export class LateCalls {
  found: Difference | undefined;
  private epoch = 0;
  private readonly admittedIn: Map<number, number> = new Map();
  private readonly breaker: Followed;

  constructor({ breaker }: Side) {
    this.breaker = breaker;
    const emitter = breaker as unknown as EventEmitter;
    for (const change of ['open', 'halfOpen', 'close']) emitter.on(change, () => this.epoch++);
    // Before the breaker's own listener, which closes the circuit.
    emitter.prependListener('success', (result: unknown) => this.ended(idIn(result), true));
    emitter.prependListener('failure', (_error, _latency, args: [Plan, number]) => {
      this.ended(args[1], false);
    });
  }

  /** The action has been called. */
  began(id: number): void {
    this.admittedIn.set(id, this.epoch);
  }

  private ended(id: number, isSuccess: boolean): void {
    const { halfOpen, opened, warmUp } = this.breaker;
    if (!isSuccess && halfOpen && warmUp) {
      this.found ??= 'a probe that fails opens the circuit while it warms up, too';
    }
    const isLate = this.admittedIn.get(id) !== this.epoch;
    if (isLate && (isSuccess ? halfOpen : !opened)) {
      this.found ??= 'a call of an earlier state does not change a later one';
    }
  }
}

/** The number in `value 7` or in an error that says `fail 7`. */
function idIn(result: unknown): number {
  return Number(/\d+$/.exec(result instanceof Error ? result.message : String(result))?.[0]);
}

interface Slice {
  readonly latencyTimes: readonly number[];
}

/** Leaves out what theirs keeps although nobody asks for it. */
export function withoutUnusedLatencies(window: readonly object[], isKept: boolean): object[] {
  return window.map((slice) => (isKept ? slice : { ...(slice as Slice), latencyTimes: [] }));
}
