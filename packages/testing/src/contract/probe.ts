import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';

/** The real one: the suite also runs where a test has replaced the global. */
const setTurn = setImmediate;

/** Waits for one macrotask, and with it for all promise reactions. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setTurn(resolve);
  });
}

/** What the promise rejects with; fails if it does not. */
export function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => assert.fail(`expected a rejection, got the value ${String(value)}`),
    (error: unknown) => error,
  );
}

/** Whether the promise is still pending once all reactions have run. */
export async function isPending(promise: PromiseLike<unknown>): Promise<boolean> {
  let pending = true;
  const settled = (): void => {
    pending = false;
  };
  promise.then(settled, settled);
  await nextTurn();
  return pending;
}

/** Fails if somebody listens to the signal. */
export function assertUnheard(signal: AbortSignal): void {
  const count = getEventListeners(signal, 'abort').length;
  assert.equal(count, 0, `${count} listener(s) are left on the caller's signal`);
}

/** An operation that settles when the test says so. */
export interface ManualOperation<T> {
  readonly operation: (context: { readonly signal: AbortSignal }) => Promise<T>;
  /** The signals that it was called with: one for each call. */
  readonly signals: AbortSignal[];
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** Makes an operation all of whose calls settle together, as told. */
export function manualOperation<T>(): ManualOperation<T> {
  const signals: AbortSignal[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  promise.catch(() => undefined);
  const operation = ({ signal }: { readonly signal: AbortSignal }): Promise<T> => {
    signals.push(signal);
    return promise;
  };
  return { operation, signals, resolve, reject };
}
