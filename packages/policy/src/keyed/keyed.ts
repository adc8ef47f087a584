import type { AnyPolicy } from '../compose.ts';
import type { EventSource } from '../events.ts';
import type { AcceptsOf, AlternativeOf, Policy } from '../policy.ts';
import type { KeyedEvents } from './events.ts';
import { KeyedPolicy } from './keyed-policy.ts';
import { checkOptions, type KeyedOptions } from './options.ts';

/**
 * A policy of its own for each key; made by {@link keyed}.
 *
 * @typeParam P - The policy of a key.
 * @typeParam K - The keys.
 */
export interface Keyed<
  P extends AnyPolicy = AnyPolicy,
  K extends string | undefined = string | undefined,
> extends Policy<AlternativeOf<P>, AcceptsOf<P>, KeyedEvents<P>>,
    EventSource<KeyedEvents<P>> {
  /** How many keys are remembered. */
  readonly size: number;
  /**
   * The policy of a key, made if there is none: for a look at its state, or to isolate it by hand. Ask
   * each time, since the key may be forgotten; what is held by hand (an isolated circuit, a permit)
   * keeps it.
   *
   * @throws What `makePolicy` throws.
   *
   * @example
   * ```ts
   * const isolation = breakers.get('payments.example').isolate();
   * ```
   */
  get(key: K): P;
  /** Whether a key is remembered; unlike {@link Keyed.get} it makes nothing and is no use of the key. */
  has(key: K): boolean;
  /** The keys that are remembered. */
  keys(): IterableIterator<K>;
  /**
   * Forgets a key; whether there was one. Its calls in flight go on under the policy that they began
   * with, and the next one gets a new policy: for a while there may be two.
   */
  delete(key: K): boolean;
}

/**
 * Makes a policy of its own for each key, such as a circuit breaker per host or a bulkhead per tenant:
 * when it is first called for. What `makePolicy` returns may be a pipeline, also one with retries and
 * timeouts; make a new one each time. A call costs a look-up more than the policy itself.
 *
 * The number of keys is bounded. A key is forgotten after `idleMs` without a call, or when another
 * needs its room; never while it has calls in flight, so that no key has two bulkheads. When it comes
 * back it begins anew.
 *
 * Every event of the policies also tells the `key`, here and on its diagnostics channel. Where it has a
 * key of its own, such as that of a cache, the channel and the listeners of that policy get that one.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const host = contextKey<string>('host');
 * const breakers = keyed((name) => circuitBreaker({ name }), {
 *   key: (context) => context.get(host),
 *   maxKeys: 500,
 * });
 *
 * await breakers.execute(() => call('a.example'), { properties: [host('a.example')] });
 * ```
 */
export function keyed<P extends AnyPolicy, K extends string | undefined = string | undefined>(
  makePolicy: (key: K) => P,
  options: KeyedOptions<K>,
): Keyed<P, K> {
  checkOptions(makePolicy, options);
  return new KeyedPolicy(makePolicy, options) as unknown as Keyed<P, K>;
}
