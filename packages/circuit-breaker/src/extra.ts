import type { CircuitBreaker } from './circuit-breaker.ts';
import type { CircuitBreakerOptions } from './options.ts';

/**
 * An ability that only few breakers need: a value that is imported and given as an option, so that a
 * bundle has no code of those that it does not use. It is a description without state, so that several
 * breakers may be made with one.
 */
export interface CircuitExtra<Name extends string = string> {
  /** The option that it is for. */
  readonly extra: Name;
  /** Its options, defaults included, for `describe()`; functions are left out. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Makes a breaker that has this ability, and the others that the options name. */
  makeBreaker<R>(options: CircuitBreakerOptions<R>): CircuitBreaker<R>;
}
