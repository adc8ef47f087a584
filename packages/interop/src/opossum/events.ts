/** The events of a breaker, by name, with what their listeners get. */
export interface Events<TI extends unknown[] = unknown[], TR = unknown> {
  /** A call has come in. */
  fire: [args: TI];
  /** The cache knew the answer. */
  cacheHit: [];
  /** The cache did not know the answer. */
  cacheMiss: [];
  /** The call gets the answer of another one. */
  coalesceCacheHit: [];
  /** No other call's answer is shared. */
  coalesceCacheMiss: [];
  /** The circuit let the call not in. */
  reject: [error: Error];
  /** The action took too long. */
  timeout: [error: Error, latencyMs: number, args: TI];
  /** The action has succeeded, or failed with an error that the `errorFilter` passed. */
  success: [result: TR, latencyMs: number];
  /** There was no place for the action. */
  semaphoreLocked: [error: Error, latencyMs: number];
  /** The call has failed. */
  failure: [error: Error, latencyMs: number, args: TI];
  /** The fallback has been called. */
  fallback: [result: unknown, error: Error];
  /** The circuit has opened. */
  open: [];
  /** The circuit lets one call in, to see whether all is well. */
  halfOpen: [resetTimeout: number];
  /** The circuit has closed. */
  close: [];
  /** A health check has failed. */
  healthCheckFailed: [error: Error];
  /** The breaker has been shut down; its listeners go next. */
  shutdown: [];
}

/** The name of an event. */
export type EventName = keyof Events;

/** Tells the listeners of an event. */
export type Tell = (event: EventName, ...args: unknown[]) => void;
