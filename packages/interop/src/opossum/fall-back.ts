import type { Tell } from './events.ts';
import type { Status } from './status.ts';

/** Answers in place of the action: it gets the arguments of the call, and then the error. */
export type FallbackFunction = (...args: unknown[]) => unknown;

/** A call that is to be answered by the fallback, and whom to tell. */
export interface FallenCall {
  readonly error: unknown;
  readonly args: readonly unknown[];
  readonly status: Status;
  readonly tell: Tell;
}

/** Calls the fallback. The event tells what it returned, be that a promise. */
export function fallBack(fallback: FallbackFunction, call: FallenCall): Promise<unknown> {
  const { error, args, status, tell } = call;
  let result: unknown;
  try {
    result = Reflect.apply(fallback, fallback, [...args, error]);
  } catch (thrown) {
    return Promise.reject(thrown);
  }
  status.count('fallbacks');
  tell('fallback', result, error);
  return Promise.resolve(result);
}
