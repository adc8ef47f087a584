import {
  type ExecutionContext,
  invalidOption,
  knownOptions,
  optionalFunction,
  positiveInteger,
  positiveMilliseconds,
} from '@holdfast/policy';
import { MemoryFallback } from './memory-fallback.ts';
import type { FallbackMemory, Recalled } from './memory.ts';
import type { FallbackStep } from './options.ts';

/** What {@link lastKnownGood} can be told. `R` is what the operations return. */
export interface LastKnownGoodOptions<R = unknown> {
  /**
   * How old a value may be to be handed out, in milliseconds, counted from when the call that it came
   * from came in: it cannot be older than that.
   */
  readonly maxAgeMs: number;
  /**
   * Whose value a call asks for, such as a path or the id of an article. Keys are told apart as those
   * of a `Map` are. Nothing is remembered for a call whose key is undefined, nor handed out to it.
   *
   * @default undefined (all calls ask for the same)
   */
  readonly key?: ((context: ExecutionContext) => unknown) | undefined;
  /**
   * How many keys have a value at most. For a further one, the value that has not been used for the
   * longest time is forgotten.
   *
   * @default 1_000
   */
  readonly maxKeys?: number | undefined;
  /**
   * Makes the copy that is kept, and each that is handed out. Without it, callers get the very object
   * that the operation returned, and share it: nobody may change it, or read it up as a stream.
   *
   * @default undefined
   */
  readonly clone?: ((value: R) => R) | undefined;
}

/** The last good values of a fallback, by key; made by {@link lastKnownGood}. */
export interface LastKnownGood<in out R = unknown> extends FallbackMemory<R, R> {
  /** How many values are kept, those included that have become too old and were not asked for since. */
  readonly size: number;
  /** Forgets the value of a key; false if there is none. Without `key`, that of `undefined`. */
  forget(key?: unknown): boolean;
  /** Forgets everything. */
  clear(): void;
}

interface Known<R> {
  readonly value: R;
  readonly since: number;
}

const defaultMaxKeys = 1_000;

class Memory<R> implements LastKnownGood<R> {
  readonly description: Readonly<Record<string, unknown>>;
  private readonly maxAgeMs: number;
  private readonly maxKeys: number;
  private readonly keyOf: ((context: ExecutionContext) => unknown) | undefined;
  private readonly clone: ((value: R) => R) | undefined;
  /** By when it was used last, the longest ago first. */
  private readonly known = new Map<unknown, Known<R>>();

  constructor({ maxAgeMs, maxKeys = defaultMaxKeys, key, clone }: LastKnownGoodOptions<R>) {
    this.maxAgeMs = maxAgeMs;
    this.maxKeys = maxKeys;
    this.keyOf = key;
    this.clone = clone;
    this.description = { kind: 'last-known-good', maxAgeMs, maxKeys };
  }

  get size(): number {
    return this.known.size;
  }

  forget(key?: unknown): boolean {
    return this.known.delete(key);
  }

  clear(): void {
    this.known.clear();
  }

  remember(value: R, context: ExecutionContext, enteredAt: number): void {
    const { known, keyOf } = this;
    const key = keyOf?.(context);
    if (keyOf !== undefined && key === undefined) return;
    // A slow call may end after one that began later and knows better.
    const former = known.get(key);
    if (former !== undefined && former.since > enteredAt) return;
    const kept = { value: this.copied(value), since: enteredAt };
    known.delete(key);
    known.set(key, kept);
    this.makeRoom(enteredAt);
  }

  /** Forgets what is one too many, and of those not used for long, one that nobody will get any more. */
  private makeRoom(now: number): void {
    for (const [key, { since }] of this.known) {
      if (this.known.size > this.maxKeys || now - since > this.maxAgeMs) this.known.delete(key);
      return;
    }
  }

  recall(context: ExecutionContext, now: number): Recalled<R> | undefined {
    const { known, keyOf } = this;
    const key = keyOf?.(context);
    const found = known.get(key);
    if (found === undefined) return undefined;
    known.delete(key);
    const ageMs = now - found.since;
    if (ageMs > this.maxAgeMs) return undefined;
    known.set(key, found);
    return { value: this.copied(found.value), ageMs };
  }

  private copied(value: R): R {
    return this.clone === undefined ? value : this.clone(value);
  }

  makePolicy(steps: readonly unknown[], options: object): object {
    return new MemoryFallback(steps as readonly FallbackStep<unknown, never>[], options);
  }
}

const names = ['maxAgeMs', 'key', 'maxKeys', 'clone'];

/**
 * A step of a fallback that answers with the last value that the same operation returned, as long as
 * that is not too old: with stale data rather than none (`stale-if-error` of RFC 5861). It remembers
 * what the fallback lets through, and nothing that `when` names. When it knows nothing, or too old a
 * value, the outcome of the operation goes through, or the next step of the chain is tried.
 *
 * A value that comes late, when an outer timeout or the caller has stopped waiting, is remembered too;
 * one of a call that began earlier never takes the place of one that began later.
 *
 * @typeParam R - What the operations return: all calls of the policy have to return that.
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const sku = contextKey<string>('sku');
 * const policy = fallback({
 *   use: lastKnownGood<number>({ maxAgeMs: 60_000, key: (context) => context.get(sku) }),
 * });
 *
 * const level = await policy.execute(() => readLevel('apple'), { properties: [sku('apple')] });
 * ```
 */
export function lastKnownGood<R = unknown>(options: LastKnownGoodOptions<R>): LastKnownGood<R> {
  const { maxAgeMs, maxKeys, key, clone } = knownOptions(options, names);
  if (maxAgeMs === undefined) throw invalidOption('maxAgeMs', 'a number', maxAgeMs, TypeError);
  positiveMilliseconds('maxAgeMs', maxAgeMs);
  if (maxKeys !== undefined) positiveInteger('maxKeys', maxKeys);
  optionalFunction('key', key);
  optionalFunction('clone', clone);
  return new Memory(options);
}
