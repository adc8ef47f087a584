import {
  type Clock,
  commonOptions,
  type ExecutionContext,
  invalidOption,
  knownOptions,
  oneOf,
  optionalFunction,
  positiveInteger,
} from '@holdfast/policy';

/** What {@link coalesce} can be told. `R` is what the operations return. */
export interface CoalesceOptions<in out R = unknown> {
  /**
   * Names what a call asks for: calls of one key share an answer. It sees the typed properties that
   * the call has brought along. With undefined the call goes by, as if the policy were not there. What
   * it throws, the call rejects with.
   */
  readonly key: (context: ExecutionContext) => string | undefined;
  /**
   * Makes the copy that each caller gets, except that the last of those who wait for a value that is
   * not kept gets the original. Without it, all get the same object. What it throws, that call rejects
   * with.
   *
   * @default undefined
   */
  readonly clone?: ((value: R) => R) | undefined;
  /**
   * What happens to a flight when the last of those who wait for it has given up: `'abort'` aborts the
   * signal of its operation, and the next caller begins anew; `'finish'` lets it go on, for whoever
   * comes next, so that one that hangs blocks its key unless a timeout inside ends it.
   *
   * @default 'abort'
   */
  readonly whenAbandoned?: 'abort' | 'finish' | undefined;
  /**
   * The name for errors, events and `describe()`; the kind of the policy, if none is given.
   *
   * @default 'cache'
   */
  readonly name?: string | undefined;
  /**
   * Where the time comes from.
   *
   * @default systemClock
   */
  readonly clock?: Clock | undefined;
}

/** What {@link cache} can be told. `R` is what the operations return. */
export interface CacheOptions<in out R = unknown> extends CoalesceOptions<R> {
  /**
   * How long a value is fresh, in milliseconds from its arrival; Infinity for as long as there is
   * room, 0 for a value that is not kept. A function is asked about each value; what it throws, the
   * flight fails with.
   */
  readonly ttlMs: number | ((value: R) => number);
  /**
   * How long after `ttlMs` a value is still served at once, in milliseconds, while it is refreshed in
   * the background.
   *
   * @default 0
   */
  readonly staleWhileRevalidateMs?: number | undefined;
  /**
   * How long after `ttlMs` a value is served in place of an error, in milliseconds: one of the
   * operation, or of a policy inside, such as an open circuit. An error that `negativeTtlMs` keeps is
   * an answer, and takes the place of the value.
   *
   * @default 0
   */
  readonly staleIfErrorMs?: number | undefined;
  /**
   * How long an error is the answer of its key, in milliseconds; 0 for one that is not kept. A function
   * is asked about each error; what it throws, the flight fails with. Errors of policies, such as those
   * of an open circuit or a timeout, are never kept.
   *
   * @default 0
   */
  readonly negativeTtlMs?: number | ((error: unknown) => number) | undefined;
  /**
   * How many answers are kept at most, errors included. The one that was not used for longest goes
   * first.
   *
   * @default 1_000
   */
  readonly maxEntries?: number | undefined;
  /**
   * How much the answers may weigh together, as `weightOf` tells, which must be given then. What is
   * heavier alone is not kept.
   *
   * @default Infinity
   */
  readonly maxWeight?: number | undefined;
  /**
   * What a value weighs, in the unit of `maxWeight`, such as bytes. Errors weigh nothing. What it
   * throws, the flight fails with.
   *
   * @default undefined
   */
  readonly weightOf?: ((value: R) => number) | undefined;
}

const coalesceNames = ['key', 'clone', 'whenAbandoned', 'name', 'clock'];
const cacheNames = [
  ...coalesceNames,
  'ttlMs',
  'staleWhileRevalidateMs',
  'staleIfErrorMs',
  'negativeTtlMs',
  'maxEntries',
  'maxWeight',
  'weightOf',
];

/** Returns `value` if it is a number from 0 up or Infinity, or throws an error that names it. */
export function amount(name: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0) return value;
  const kind = typeof value === 'number' ? RangeError : TypeError;
  throw invalidOption(name, 'a number from 0 up, or Infinity', value, kind);
}

function amountOrFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') amount(name, value);
}

function checkShared<R>(options: CoalesceOptions<R>, known: readonly string[]): void {
  const { key, clone, whenAbandoned } = knownOptions(options, known);
  if (typeof key !== 'function') throw invalidOption('key', 'a function', key, TypeError);
  optionalFunction('clone', clone);
  if (whenAbandoned !== undefined) oneOf('whenAbandoned', whenAbandoned, ['abort', 'finish']);
  commonOptions(options);
}

/** Throws an error that names the first option of a `coalesce` that cannot be used. */
export function checkCoalesceOptions<R>(options: CoalesceOptions<R>): void {
  checkShared(options, coalesceNames);
}

/** Throws an error that names the first option of a `cache` that cannot be used. */
export function checkOptions<R>(options: CacheOptions<R>): void {
  checkShared(options, cacheNames);
  const { ttlMs, negativeTtlMs = 0, staleWhileRevalidateMs = 0, staleIfErrorMs = 0 } = options;
  amountOrFunction('ttlMs', ttlMs);
  amountOrFunction('negativeTtlMs', negativeTtlMs);
  amount('staleWhileRevalidateMs', staleWhileRevalidateMs);
  amount('staleIfErrorMs', staleIfErrorMs);
  if (options.maxEntries !== undefined) positiveInteger('maxEntries', options.maxEntries);
  optionalFunction('weightOf', options.weightOf);
  if (options.maxWeight === undefined) return;
  amount('maxWeight', options.maxWeight);
  if (options.weightOf === undefined) {
    throw new TypeError('Expected `weightOf` to be given where `maxWeight` is.');
  }
}
