import type { EventSource, Policy } from '@holdfast/policy';
import type { FallbackEvents } from './events.ts';
import { isMemory } from './memory.ts';
import {
  type AnyFallbackOptions,
  checkOptions,
  type FallbackChainOptions,
  type FallbackFunction,
  type FallbackFunctionOptions,
  type FallbackValueOptions,
} from './options.ts';
import { ChainFallback, ValueFallback } from './replacement.ts';

/** A policy that answers with an alternative where the inside has failed; made by {@link fallback}. */
export interface Fallback<out Alternative, in Result = unknown>
  extends Policy<Alternative, Result, FallbackEvents>,
    EventSource<FallbackEvents> {}

/**
 * Answers with an alternative when the inside has failed: with a value, with what a function makes of
 * the outcome, or with the first function of a chain that does not throw. `when` says which outcomes
 * are meant; without it all errors are, rejections and timeouts of inner policies among them.
 *
 * An abort by the caller is never replaced. A call that is cut off from outside while a function
 * works at the alternative rejects at once, and what comes of the function is ignored. A value that
 * is replaced is not closed: do that in `use`, if it needs it.
 *
 * @throws `TypeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const stock = fallback({ value: { level: 0 } });
 *
 * const { level } = await stock.execute(() => readStock('sku-1'));
 * ```
 *
 * @example
 * ```ts
 * const stale = fallback({
 *   when: (outcome) => !outcome.ok && isCircuitOpenError(outcome.error),
 *   use: () => cache.get('sku-1'),
 * });
 * ```
 */
export function fallback<const Alternative, Result = unknown>(
  options: FallbackValueOptions<Alternative, Result>,
): Fallback<Alternative, Result>;
export function fallback<Alternative, Result = unknown>(
  options: FallbackFunctionOptions<Alternative, Result>,
): Fallback<Alternative, Result>;
export function fallback<Alternatives extends readonly unknown[], Result = unknown>(
  options: FallbackChainOptions<Alternatives, Result>,
): Fallback<Awaited<Alternatives[number]>, Result>;
export function fallback(options: AnyFallbackOptions): Fallback<unknown, never> {
  checkOptions(options);
  const { use, chain } = options;
  const steps = use === undefined ? chain : [use];
  if (steps === undefined) return new ValueFallback(options);
  const memory = steps.find(isMemory);
  if (memory !== undefined)
    return memory.makePolicy([...steps], options) as Fallback<unknown, never>;
  return new ChainFallback([...steps] as FallbackFunction<unknown>[], options);
}
