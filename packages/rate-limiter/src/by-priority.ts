import {
  type ExecutionContext,
  invalidOption,
  knownOptions,
  positiveMilliseconds,
} from '@holdfast/policy';
import {
  type LineMember,
  type LineOrder,
  Row,
  type WaitingLine,
  type WaitingOrder,
} from './waiting-line.ts';

const classCount = 8;
const defaultClass = 3;

/** What {@link byPriority} is told. */
export interface PriorityOptions {
  /**
   * The class in which a call waits: an integer from 0, which goes first, to 7; undefined is 3. These
   * are the urgencies of HTTP (RFC 9218). It is asked once for each call that cannot go at once. What
   * it throws, the call rejects with.
   */
  readonly priority: (context: ExecutionContext) => number | undefined;
  /**
   * After how many milliseconds of waiting a call moves up by one class, so that nobody starves;
   * Infinity for never.
   *
   * @default 1_000
   */
  readonly ageAfterMs?: number | undefined;
}

/** A row for each class, made when it is needed. */
class PriorityLine<Call extends LineMember<Call>> implements WaitingLine<Call> {
  size = 0;
  private readonly rows: (Row<Call> | undefined)[] = [];
  private readonly ageAfterMs: number;

  constructor(ageAfterMs: number) {
    this.ageAfterMs = ageAfterMs;
  }

  add(call: Call): void {
    (this.rows[call.rank] ??= new Row<Call>()).add(call);
    this.size++;
  }

  remove(call: Call): void {
    this.rows[call.rank]?.remove(call);
    this.size--;
  }

  /** The class that a call has come to by its age. */
  private aged({ rank, since }: Call, now: number): number {
    return Math.max(0, rank - Math.floor(Math.max(0, now - since) / this.ageAfterMs));
  }

  /** Of the best class, by the age of the first call of each row; and then whoever came first. */
  next(now: number): Call | undefined {
    let best: Call | undefined;
    let bestClass = 0;
    for (const row of this.rows) {
      const call = row?.next();
      if (call === undefined) continue;
      const own = this.aged(call, now);
      if (best !== undefined && (own - bestClass || call.since - best.since) >= 0) continue;
      best = call;
      bestClass = own;
    }
    return best;
  }

  unitsBefore(rank: number): number {
    let units = 0;
    for (let i = 0; i <= rank; i++) units += this.rows[i]?.unitsBefore() ?? 0;
    return units;
  }
}

class PriorityOrder implements LineOrder {
  readonly order = 'priority';
  readonly options: { readonly ageAfterMs: number };
  readonly lastRank = classCount - 1;
  private readonly priority: PriorityOptions['priority'];

  constructor(priority: PriorityOptions['priority'], ageAfterMs: number) {
    this.priority = priority;
    this.options = { ageAfterMs };
  }

  rankOf(context: ExecutionContext): number {
    const { priority } = this;
    const rank = priority(context) ?? defaultClass;
    if (Number.isInteger(rank) && rank >= 0 && rank < classCount) return rank;
    const kind = typeof rank === 'number' ? RangeError : TypeError;
    throw invalidOption('priority', 'an integer from 0 to 7', rank, kind);
  }

  makeLine<Call extends LineMember<Call>>(): WaitingLine<Call> {
    return new PriorityLine<Call>(this.options.ageAfterMs);
  }
}

/**
 * Lets calls that wait go by class, and within a class in the order in which they came. Whoever waits
 * moves up class by class, so that nobody starves.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const urgency = contextKey<number>('urgency');
 * const limiter = rateLimiter({
 *   algorithm: gcra({ limit: 50, windowMs: 1_000 }),
 *   maxQueued: 100,
 *   queue: byPriority({ priority: (context) => context.get(urgency) }),
 * });
 * ```
 */
export function byPriority(options: PriorityOptions): WaitingOrder {
  const { priority, ageAfterMs = 1_000 } = knownOptions(options, ['priority', 'ageAfterMs']);
  if (typeof priority !== 'function') {
    throw invalidOption('priority', 'a function', priority, TypeError);
  }
  if (ageAfterMs !== Number.POSITIVE_INFINITY) positiveMilliseconds('ageAfterMs', ageAfterMs);
  return new PriorityOrder(priority, ageAfterMs);
}
