import type { EventEmitter } from 'node:events';
import type { Stats } from './bucket.ts';

/**
 * What the types of opossum leave open, or tell wrongly (`lastTimerAt` is a number there, and not a
 * symbol): code that was written with them must go on to compile.
 */
// oxlint-disable-next-line typescript/no-explicit-any
type Anything = any;

/** Where answers are kept; `cacheTransport` of {@link Options}. */
export interface CacheTransport {
  /** Returns what is kept under a key. A falsy value is a miss; so is undefined that a promise brings. */
  get(key: string): unknown;
  /**
   * Keeps the promise of an answer. `ttl` is when it expires, in milliseconds since 1970, or 0 for
   * never, as in opossum.
   */
  set(key: string, value: Anything, ttl: number): void;
  /** Forgets all. */
  flush(): void;
}

/** Where a breaker stands, as `toJSON` tells it. */
export interface State {
  /** The name of the breaker. */
  name: string;
  /** Whether it guards its calls. */
  enabled: boolean;
  /** Whether the circuit is closed. */
  closed: boolean;
  /** Whether the circuit is open. */
  open: boolean;
  /** Whether the circuit is half-open. */
  halfOpen: boolean;
  /** Whether failures do not open the circuit yet. */
  warmUp: boolean;
  /** Whether the breaker has been shut down. */
  shutdown: boolean;
  /** When the circuit opened last, as a number of milliseconds since 1970; undefined if it never has. */
  lastTimerAt: Anything;
}

/** How a {@link Status} counts. */
export interface StatusOptions {
  /**
   * How long the window is, in milliseconds.
   *
   * @default 10_000
   */
  rollingCountTimeout?: number | undefined;
  /**
   * Into how many slices it is cut.
   *
   * @default 10
   */
  rollingCountBuckets?: number | undefined;
  /**
   * Whether the latencies of the window are kept, for the mean and the percentiles. Memory grows with
   * the calls in the window. Without them all of these are -1.
   *
   * @default true
   */
  rollingPercentilesEnabled?: boolean | undefined;
  /**
   * Whether `status` emits `snapshot`.
   *
   * @default true
   */
  enableSnapshots?: boolean | undefined;
  /**
   * Whose event `rotate` turns the window, in place of the clock.
   *
   * @default undefined
   */
  rotateBucketController?: EventEmitter | undefined;
  /**
   * Counts to begin with.
   *
   * @default undefined
   */
  stats?: Partial<Stats> | undefined;
}

/** What a {@link CircuitBreaker} can be told: the options of opossum 10. Others are ignored. */
export interface Options<TI extends unknown[] = unknown[]> extends Omit<StatusOptions, 'stats'> {
  /**
   * How long an action may take, in milliseconds; false, 0 or Infinity for as long as it likes.
   *
   * @default 10_000
   */
  timeout?: number | false | undefined;
  /**
   * Has no effect.
   *
   * @default undefined
   * @deprecated Use `errorThresholdPercentage`.
   */
  maxFailures?: number | undefined;
  /**
   * How long the circuit stays open before it is half-open, in milliseconds.
   *
   * @default 30_000
   */
  resetTimeout?: number | undefined;
  /**
   * The name of the breaker.
   *
   * @default the name of the action, or else a UUID
   */
  name?: string | undefined;
  /**
   * A name for several breakers, for reports.
   *
   * @default the name of the breaker
   */
  group?: string | undefined;
  /**
   * How many actions may run at once, from 0 up. A place is held until its action has ended, also
   * after a timeout.
   *
   * @default Number.MAX_SAFE_INTEGER
   */
  capacity?: number | undefined;
  /**
   * The circuit opens when more than this percentage of the calls in the window has failed.
   *
   * @default 50
   */
  errorThresholdPercentage?: number | undefined;
  /**
   * Whether calls are guarded from the beginning.
   *
   * @default true
   */
  enabled?: boolean | undefined;
  /**
   * Whether failures do not open the circuit for the first `rollingCountTimeout` milliseconds.
   *
   * @default false
   */
  allowWarmUp?: boolean | undefined;
  /**
   * How many calls must be in the window before a failure may open the circuit.
   *
   * @default 0
   */
  volumeThreshold?: number | undefined;
  /**
   * Whether an error is none to the circuit. The call rejects with it all the same, without a fallback.
   *
   * @default undefined (every error is a failure)
   */
  errorFilter?: ((err: Anything, ...args: TI) => boolean) | undefined;
  /**
   * Whether answers are kept and given to later calls of the same key.
   *
   * @default false
   */
  cache?: boolean | undefined;
  /**
   * How long an answer is kept, in milliseconds; 0 for ever.
   *
   * @default 0
   */
  cacheTTL?: number | undefined;
  /**
   * How many answers are kept; the one that came first makes room. Without a `cacheTransport` only.
   *
   * @default 2^24 - 1
   */
  cacheSize?: number | undefined;
  /**
   * Makes the key of a call, for the cache and for coalescing.
   *
   * @default (...args) => JSON.stringify(args)
   */
  cacheGetKey?: ((...args: TI) => string) | undefined;
  /**
   * Where the answers are kept.
   *
   * @default undefined (in memory)
   */
  cacheTransport?: CacheTransport | undefined;
  /**
   * Whether calls of the same key share the first one's answer for `coalesceTTL`, errors included.
   *
   * @default false
   */
  coalesce?: boolean | undefined;
  /**
   * How long calls share an answer, in milliseconds from the first call; 0 for ever.
   *
   * @default the value of `timeout`
   */
  coalesceTTL?: number | undefined;
  /**
   * How many answers are shared at a time.
   *
   * @default 2^24 - 1
   */
  coalesceSize?: number | undefined;
  /**
   * After which ends of a call no later one shares its answer.
   *
   * @default []
   */
  coalesceResetOn?: ('error' | 'success' | 'timeout')[] | undefined;
  /**
   * Aborted when an action times out.
   *
   * @default undefined
   */
  abortController?: AbortController | undefined;
  /**
   * Whether there is a new abort controller in place of one that is aborted, as soon as calls are let
   * in: on half-open, on close, and after a timeout that did not open the circuit.
   *
   * @default false
   */
  autoRenewAbortController?: boolean | undefined;
  /**
   * Counts to go on from: a `Status`, which the breaker then uses, or what `toJSON` told of one.
   *
   * @default undefined
   */
  status?:
    | {
        /** The counts. */
        readonly stats: Partial<Stats>;
      }
    | Partial<Stats>
    | undefined;
  /**
   * Where to go on from, as `toJSON` told it.
   *
   * @default undefined
   */
  state?: Partial<State> | undefined;
}
