import type { ExecutionContext } from '@holdfast/policy';

/** A value that a {@link FallbackMemory} has kept. */
export interface Recalled<out Value> {
  /** The value, or a copy of it. */
  readonly value: Value;
  /** How old it is at most, in milliseconds. */
  readonly ageMs: number;
}

/**
 * A step of a fallback that is told of the values which the fallback lets through, to answer with one
 * of them later. Made by {@link lastKnownGood}.
 */
export interface FallbackMemory<out Alternative, in Result = unknown> {
  /** Its kind and its options, defaults included, for `describe()`. */
  readonly description: Readonly<Record<string, unknown>>;
  /** Is told of a good value, and when the call that it came from came in. */
  readonly remember: (value: Result, context: ExecutionContext, enteredAt: number) => void;
  /** What to answer a call with whose operation has failed; undefined if nothing is known. */
  recall(context: ExecutionContext, now: number): Recalled<Alternative> | undefined;
  /** Makes the policy, for `fallback`: so what only memories need is loaded with them. */
  makePolicy(steps: readonly unknown[], options: object): object;
}

/** Whether a step of a fallback is a memory, and no function. */
export function isMemory(step: unknown): step is FallbackMemory<unknown, never> {
  return typeof (step as Partial<FallbackMemory<unknown>> | null)?.makePolicy === 'function';
}
