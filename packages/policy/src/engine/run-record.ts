import type { AsyncResource } from 'node:async_hooks';
import type { ExecuteOptions, Operation } from '../policy.ts';
import type { Plan } from './plan.ts';
import { type AbortHearer, notAborted, RunSignals } from './run-signals.ts';

/** Layers are being entered. */
export const entering = 0;
/** The operation has been called and has not settled. */
export const working = 1;
/** An answer is on its way outwards. */
export const leaving = 2;
/** A layer has parked or holds the call. */
export const waiting = 3;
/** A layer runs the inside by branches. */
export const taken = 4;
/** The answer has gone out, or another record has taken over. */
export const over = 5;

/** Where a record is. */
export type Phase = 0 | 1 | 2 | 3 | 4 | 5;

/** The value of `cutAt` while nobody has stopped waiting. */
export const notCut = -2;

/** The value of `ranTo` in the first record of a call. */
export const firstRecord = -2;

/** What only few records need; made when it is first needed. */
export class RunExtras {
  /** Pieces of work under this record beside its operation. */
  openWork = 0;
  /** The record to tell when all work under this one has ended. */
  owner: RunRecord | undefined = undefined;
  /** The layers to tell of the same. */
  idlePlaces: number[] | undefined = undefined;
  /** A layer has let the call go on from inside the very hook that parks it. */
  isWokenEarly = false;
  /** What the caller gets, where it had to be made while the layers were being entered. */
  promise: Promise<unknown> | undefined = undefined;
}

const none = undefined;

/**
 * Rest parameters are made in place, as array literals are, and always among the young. Node remembers
 * of a literal whether its arrays tend to live long: after a few calls that waited it would make those
 * of all calls in the old generation, from where they keep alive what their calls refer to.
 */
function listOf(...items: unknown[]): unknown[] {
  return items;
}

export function emptyTickets(count: number): unknown[] {
  if (count === 1) return listOf(none);
  if (count <= 4) return listOf(none, none, none, none);
  if (count <= 6) return listOf(none, none, none, none, none, none);
  return new Array(count);
}

/**
 * All that is remembered of one attempt. One such record is allocated per call, so each field counts:
 * the classes that extend this one add only methods.
 */
export abstract class RunRecord {
  declare plan: Plan;
  declare operation: Operation<unknown>;
  declare options: ExecuteOptions | undefined;
  /** Whether the promise is of an outcome. */
  declare protected asOutcome: boolean;
  /** What the layers remember of this call, by position. */
  declare tickets: unknown[];
  /** Which attempt this is, counted from 1. */
  declare attempt: number;
  declare protected phase: Phase;
  /** The layer that the call has reached. */
  declare at: number;
  /** The outermost layer that belongs to this record. */
  declare protected floor: number;
  /** The layer that stopped waiting for this record; -1 for the caller. */
  declare protected cutAt: number;
  /** The operation of this record has been called. */
  declare started: boolean;
  /** What `answer` has set; in the end the final answer. */
  declare ok: boolean;
  declare value: unknown;
  declare resolve: ((value: unknown) => void) | undefined;
  /** The record that took over from this one. */
  declare protected successor: RunRecord | undefined;
  declare protected signals: RunSignals | undefined;
  /** The async context of the caller, where a timer may have to come back to it. */
  declare protected scope: AsyncResource | undefined;
  /**
   * Earlier records have called the operation inside this layer, and all outside it; -1: none of them
   * has. {@link firstRecord}: there is none.
   */
  declare protected ranTo: number;
  declare protected extras: RunExtras | undefined;

  /** Somebody has stopped waiting for this record. */
  get isCut(): boolean {
    return this.cutAt !== notCut;
  }

  /** How many pieces of work there are under this record beside its operation. */
  get openWork(): number {
    return this.extras === undefined ? 0 : this.extras.openWork;
  }

  /** An earlier record of this call has called the operation. */
  get ranBefore(): boolean {
    return this.ranTo >= 0;
  }

  /** Why the operation's signal is aborted, or `notAborted`. */
  protected get abortReason(): unknown {
    return this.signals === undefined ? notAborted : this.signals.abortReason;
  }

  /** It is among those who watch the caller's signal. */
  protected get isWatching(): boolean {
    return this.signals !== undefined && this.signals.next !== null;
  }

  protected ownSignals(): RunSignals {
    this.signals ??= new RunSignals(this as unknown as AbortHearer);
    return this.signals;
  }

  protected more(): RunExtras {
    this.extras ??= new RunExtras();
    return this.extras;
  }
}
