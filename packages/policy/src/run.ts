import type { Clock } from './clock.ts';
import type { Expansion } from './engine/expansion.ts';
import type { Plan } from './engine/plan.ts';
import type { EnterVerdict } from './layer.ts';
import type { ExecuteOptions, ExecutionContext, Operation } from './policy.ts';

/**
 * One attempt of one call, as a {@link Layer} sees it. A further attempt, and what goes on after
 * somebody stopped waiting, get a record of their own, to which the tickets of the outer layers move.
 *
 * Two things end a record's part in a call: a *cut* (somebody stops waiting for it) and the *end* (its
 * work has settled). After a cut at layer `k`, a record keeps the layers inside `k` until the end.
 */
export interface Run extends ExecutionContext {
  /** The pipeline; once a layer has put others inside itself for this call, with those. */
  readonly plan: Plan;
  /** What the caller has brought along; the context of the outer call, where that was passed on. */
  readonly options: ExecuteOptions | undefined;
  /** What the caller wants to have called. */
  readonly operation: Operation<unknown>;
  /** What the layers remember of this call, by position. */
  readonly tickets: unknown[];
  /** The operation of this record has been called. */
  readonly started: boolean;
  /** An earlier record of this call has called the operation. */
  readonly ranBefore: boolean;
  /** Somebody has stopped waiting for this record: what comes now is a late end. */
  readonly isCut: boolean;
  /** The caller has given up: a failure that arrives now is no failure of the operation. */
  readonly callerGaveUp: boolean;
  /** The operation, or anything else under this record, is at work: its places are held. */
  readonly isAtWork: boolean;
  /** What {@link Run.answer} has set: whether it is a value. */
  readonly ok: boolean;
  /** What {@link Run.answer} has set: the value or the error. */
  readonly value: unknown;
  /** How much is at work under this record beside its operation. */
  readonly openWork: number;

  /** Whether the operation has been called since layer `at` was entered. */
  ranInside(at: number): boolean;
  /** The time of this pass through the layers, by `clock`: one reading for all of them. */
  time(clock: Clock): number;
  /** The time for bookkeeping at the end of a call; it may be some microseconds behind. */
  endTime(clock: Clock): number;
  /**
   * The tightest of the caller's deadline and those of the timeouts outside layer `at`: a further
   * attempt gets a new one of each timeout inside.
   */
  deadlineOutside(at: number): number | undefined;
  /** Sets the answer that goes on outwards; for layers that answer `refused` or `replaced`. */
  answer(ok: boolean, value: unknown): void;
  /** The operation has been called on behalf of this call, though not by this record. */
  markStarted(): void;
  /** Lets a parked call go on, in the async context in which it was parked. */
  resume(): void;
  /** Whether layer `at` still holds this call: false once somebody outside has stopped waiting. */
  isHeldAt(at: number): boolean;
  /** Hands on the answer of a call that layer `at` holds or has taken. Ignored if nobody waits. */
  settle(at: number, ok: boolean, value: unknown): void;
  /**
   * Puts the layers of `expansion` between layer `at` and what stands inside it, for this call. The
   * layer returns from `enter` what this returns, and has been admitted itself.
   */
  expand(at: number, expansion: Expansion): EnterVerdict;
  /**
   * Starts a further attempt of the inside of layer `at`: a new record, parked there until
   * {@link Run.resume}. The layer answers `held`.
   */
  again(at: number): Run;
  /** Does the same, but the new record goes on by itself, in a microtask. The layer answers `held`. */
  againNow(at: number): Run;
  /** Makes a record that runs the inside of layer `at` alone; the layer hears `branchEnded`. */
  branch(at: number, ticket: unknown): Run;
  /** Starts a branch. */
  begin(): void;
  /** Nobody wants this branch any more; `late` hears of its end. */
  drop(reason: unknown): void;
  /** Aborts the signal of a branch whose layer goes on waiting for it. */
  abortBranch(reason: unknown): void;
  /** Layer `at` stops waiting, and the answer to the outside is `reason`. */
  cut(at: number, reason: unknown): void;
  /** Aborts the operation's signal and ends a wait, but does not stop waiting for the operation. */
  abortSignal(at: number, reason: unknown): void;
  /** Counts `work` among what is at work: for a layer that has called the user's code itself. */
  keepOpen(work: PromiseLike<unknown>): void;
  /** Calls `idle` of layer `at` once all work under this record has ended. */
  holdUntilIdle(at: number): void;
}
