import { type ContextKey, contextKey, type HeapedDeadline, type Run } from '@holdfast/policy';

/** Travels with the calls that an operation makes: whoever asks for the same key would wait for itself. */
export const flightKey: ContextKey<Flight> = /* @__PURE__ */ contextKey<Flight>('holdfast.flight');

/** One execution of the inside of the policy, on behalf of all who wait for its key. */
export class Flight {
  readonly key: string;
  /** Whether it began in order to refresh what callers got meanwhile. */
  readonly isRefresh: boolean;
  /** The calls that wait for it, each with the end of its time, where that is for us to watch. */
  readonly waiters: Map<Run, HeapedDeadline | undefined> = new Map();
  /** The record of the execution at present. */
  run: Run | undefined = undefined;
  /** It has ended, or was abandoned. */
  isOver = false;
  /** What it ended with: whether that is a value. */
  ok = false;
  /** What it ended with: the value or the error. */
  value: unknown = undefined;
  /** The value is kept as well, so that nobody may get the original where values are cloned. */
  isStored = false;
  /** Why its callers get a stale value; undefined if they do not. */
  stale: { readonly error: unknown; readonly ageMs: number } | undefined = undefined;
  private hasStarted = false;
  private work: PromiseWithResolvers<void> | undefined = undefined;

  constructor(key: string, isRefresh: boolean) {
    this.key = key;
    this.isRefresh = isRefresh;
  }

  join(run: Run, limit: HeapedDeadline | undefined): void {
    this.waiters.set(run, limit);
    if (this.hasStarted) run.markStarted();
  }

  /** The operation is being called, on behalf of all who wait. */
  started(): void {
    if (this.hasStarted) return;
    this.hasStarted = true;
    for (const waiter of this.waiters.keys()) waiter.markStarted();
  }

  /** Sets what it has ended with. */
  ended(ok: boolean, value: unknown): void {
    this.isOver = true;
    this.ok = ok;
    this.value = value;
  }

  /** Holds the places that the call has outside until all work of this flight has ended. */
  holdPlacesOf(run: Run): void {
    this.work = Promise.withResolvers();
    run.keepOpen(this.work.promise);
  }

  /** All work of this flight has ended. */
  workEnded(): void {
    this.work?.resolve();
  }

  /** Whether the call was made by this flight's own operation, with its context for options. */
  isAround(run: Run): boolean {
    return run.properties?.some((each) => each.key === flightKey && each.value === this) === true;
  }
}
