import {
  type Clock,
  knownOptions,
  positiveInteger,
  positiveMilliseconds,
  ratio,
} from '@holdfast/policy';

/** The limit of a {@link BlastRadius} that a call would have exceeded. */
export type ReachedLimit = 'concurrent' | 'window' | 'share' | 'total';

/** What {@link blastRadius} can be told; at least one limit. */
export interface BlastRadiusOptions {
  /**
   * How many struck calls there may be at once. A call is struck until its injections are over.
   *
   * @default undefined
   */
  readonly maxConcurrent?: number | undefined;
  /**
   * How many calls may be struck in any stretch of `windowMs`.
   *
   * @default undefined
   */
  readonly maxPerWindow?: number | undefined;
  /**
   * The window of `maxPerWindow`, in milliseconds.
   *
   * @default 60_000
   */
  readonly windowMs?: number | undefined;
  /**
   * Which share of all calls may be struck, above 0 and at most 1: never more of them since the
   * beginning, and in any row of n calls at most 10 more than this share of n.
   *
   * @default undefined
   */
  readonly maxShare?: number | undefined;
  /**
   * How many calls may be struck at all.
   *
   * @default undefined
   */
  readonly maxTotal?: number | undefined;
}

/** Bounds what chaos may do; made by {@link blastRadius}. */
export interface BlastRadius {
  /** How many struck calls there are at this moment. */
  readonly active: number;
  /** How many calls have been struck. */
  readonly total: number;
  /** Its limits, for `describe()`. */
  readonly described: Readonly<Record<string, number>>;
  /** A call has come in. */
  called(): void;
  /** Strikes a call, or says which limit forbids it. */
  tryStrike(clock: Clock): ReachedLimit | undefined;
  /** The injections of a struck call are over. */
  ended(): void;
}

/** Calls that were not struck can be made up for, up to so many. */
const mostSaved = 10;
/** Sums of shares are a little off. */
const rounding = 1e-9;

/** The limits; each is Infinity where it is not given. */
interface Limits {
  readonly concurrent: number;
  readonly perWindow: number;
  readonly windowMs: number;
  readonly share: number;
  readonly total: number;
}

class CountedRadius implements BlastRadius {
  active = 0;
  total = 0;
  readonly described: Readonly<Record<string, number>>;
  private readonly limits: Limits;
  /** When the last `perWindow` calls were struck; a ring. */
  private readonly times: number[] = [];
  /** How many calls `share` allows by now. */
  private saved = 0;

  constructor(limits: Limits, described: Readonly<Record<string, number>>) {
    this.limits = limits;
    this.described = described;
  }

  called(): void {
    const { share } = this.limits;
    if (share !== Infinity) this.saved = Math.min(this.saved + share, mostSaved);
  }

  tryStrike(clock: Clock): ReachedLimit | undefined {
    const { concurrent, share, perWindow, total } = this.limits;
    if (this.total >= total) return 'total';
    if (this.active >= concurrent) return 'concurrent';
    if (share !== Infinity && this.saved < 1 - rounding) return 'share';
    if (perWindow !== Infinity && !this.fitsWindow(clock.now())) return 'window';
    if (share !== Infinity) this.saved--;
    this.total++;
    this.active++;
    return undefined;
  }

  /** The call before the last `perWindow` ones has to be out of the window. */
  private fitsWindow(now: number): boolean {
    const { perWindow, windowMs } = this.limits;
    const place = this.total % perWindow;
    const oldest = this.times[place];
    if (oldest !== undefined && now - oldest < windowMs) return false;
    this.times[place] = now;
    return true;
  }

  ended(): void {
    this.active--;
  }
}

const limitNames = ['maxConcurrent', 'maxPerWindow', 'maxShare', 'maxTotal'] as const;

/**
 * Bounds how many calls chaos strikes: at once, per time, as a share of all calls, and at all. A call that
 * would exceed a limit is spared: it goes on as if nothing were. Policies that get the same one share
 * its limits (give them the same clock then).
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const policy = chaos({
 *   inject: fault(),
 *   when: rate(0.05),
 *   blastRadius: blastRadius({ maxConcurrent: 2, maxPerWindow: 30, maxShare: 0.1 }),
 * });
 * ```
 */
export function blastRadius(options: BlastRadiusOptions): BlastRadius {
  const { windowMs, ...given } = knownOptions(options, [...limitNames, 'windowMs']);
  const described: Record<string, number> = {};
  for (const name of limitNames) {
    const limit = given[name];
    if (limit === undefined) continue;
    described[name] = name === 'maxShare' ? ratio(name, limit) : positiveInteger(name, limit);
  }
  if (Object.keys(described).length === 0) {
    throw new TypeError(`Expected options to have at least one of ${limitNames.join(', ')}.`);
  }
  const limitOf = (name: (typeof limitNames)[number]): number => described[name] ?? Infinity;
  const limits = {
    concurrent: limitOf('maxConcurrent'),
    perWindow: limitOf('maxPerWindow'),
    windowMs: positiveMilliseconds('windowMs', windowMs ?? 60_000),
    share: limitOf('maxShare'),
    total: limitOf('maxTotal'),
  };
  if (limits.perWindow !== Infinity) described['windowMs'] = limits.windowMs;
  return new CountedRadius(limits, described);
}
