import {
  type Clock,
  type ExecutionContext,
  invalidOption,
  positiveMilliseconds,
  recentTime,
} from '@holdfast/policy';
import { CallOrder, optionalBoolean, requiredFunction } from './call-order.ts';
import type { OrderedCall, OrderedQueue } from './ordered-call.ts';
import type { QueueOrder, QueueOrderOptions } from './queue-order.ts';

const classCount = 8;
const defaultClass = 3;
const defaultAgeAfterMs = 1_000;

/** What {@link priorityQueue} can be told. */
export interface PriorityQueueOptions extends QueueOrderOptions {
  /**
   * The class of a call: an integer from 0, which goes first, to 7; undefined is 3. These are the
   * urgencies of HTTP (RFC 9218). It is asked once for each call, as the call comes in. A call for
   * which it answers anything else rejects with a `RangeError` or a `TypeError`, and one for which it
   * throws with that very error.
   */
  readonly priority: (context: ExecutionContext) => number | undefined;
  /**
   * After how many milliseconds of waiting a call moves up by one class; Infinity for never. A call
   * of class 3 that has waited for three times as long goes before all that come after it.
   *
   * @default 1_000
   */
  readonly ageAfterMs?: number | undefined;
  /**
   * Whether a call that finds the queue full takes the room of one of a lower class: of the newest of
   * the lowest, which rejects with a `BulkheadFullError` whose `reason` is `'displaced'`.
   *
   * @default true
   */
  readonly displace?: boolean | undefined;
  /**
   * The order among the calls of one class, such as `fairQueue({ key })`.
   *
   * @default undefined (first come, first served)
   */
  readonly within?: QueueOrder | undefined;
}

/**
 * A queue for each class. Whoever has waited gains on the others: all compare by the class that a
 * call has come to by its age, then by who came first.
 */
class PriorityQueue implements OrderedQueue {
  size = 0;
  private readonly classes: readonly OrderedQueue[];
  private readonly clock: Clock;
  private readonly ageAfterMs: number;
  private readonly displace: boolean;

  constructor(order: PriorityOrder, clock: Clock, classes: readonly OrderedQueue[]) {
    this.classes = classes;
    this.clock = clock;
    this.ageAfterMs = order.options.ageAfterMs;
    this.displace = order.options.displace;
  }

  private classOf(call: OrderedCall): OrderedQueue {
    return this.classes[call.urgency] as OrderedQueue;
  }

  add(call: OrderedCall): void {
    this.classOf(call).add(call);
    this.size++;
  }

  remove(call: OrderedCall): void {
    this.classOf(call).remove(call);
    this.size--;
  }

  /** The class that a call has come to by its age. */
  private aged({ urgency, since }: OrderedCall, now: number): number {
    return Math.max(0, urgency - Math.floor(Math.max(0, now - since) / this.ageAfterMs));
  }

  first(): OrderedCall | undefined {
    return this.pick('first');
  }

  last(): OrderedCall | undefined {
    return this.pick('last');
  }

  /** Of the calls at that end of each class, the one that stands first or last of all. */
  private pick(end: 'first' | 'last'): OrderedCall | undefined {
    const now = recentTime(this.clock);
    let picked: OrderedCall | undefined;
    let pickedClass = 0;
    for (const each of this.classes) {
      const call = each[end]();
      if (call === undefined) continue;
      const ownClass = this.aged(call, now);
      const behind = ownClass - pickedClass || call.since - (picked?.since ?? 0);
      if (picked !== undefined && (end === 'first' ? behind >= 0 : behind < 0)) continue;
      picked = call;
      pickedClass = ownClass;
    }
    return picked;
  }

  isFullFor(newcomer: OrderedCall): boolean {
    return this.classOf(newcomer).isFullFor(newcomer);
  }

  victim(newcomer: OrderedCall): OrderedCall | undefined {
    if (this.displace && !this.isFullFor(newcomer)) {
      const worst = this.last();
      const now = recentTime(this.clock);
      if (worst !== undefined && this.aged(worst, now) > newcomer.urgency) return worst;
    }
    return this.classOf(newcomer).victim(newcomer);
  }
}

class PriorityOrder extends CallOrder {
  readonly order = 'priority';
  readonly options: { readonly ageAfterMs: number; readonly displace: boolean };
  private readonly priority: PriorityQueueOptions['priority'];

  constructor(options: PriorityQueueOptions) {
    super(options, options.within);
    const { priority, ageAfterMs = defaultAgeAfterMs, displace = true } = options;
    this.priority = priority;
    this.options = { ageAfterMs, displace };
  }

  override assess(call: OrderedCall, context: ExecutionContext): void {
    const { priority } = this;
    const answer = priority(context);
    const urgency = answer === undefined ? defaultClass : answer;
    if (!(Number.isInteger(urgency) && urgency >= 0 && urgency < classCount)) {
      const kind = typeof urgency === 'number' ? RangeError : TypeError;
      throw invalidOption('priority', 'an integer from 0 to 7', urgency, kind);
    }
    call.urgency = urgency;
    super.assess(call, context);
  }

  makeQueue(clock: Clock): OrderedQueue {
    const classes = Array.from({ length: classCount }, () => this.makeInnerQueue(clock));
    return new PriorityQueue(this, clock, classes);
  }
}

/**
 * Eight classes of calls: a higher one starts before a lower one, and the calls of one class in the
 * order in which they came. Whoever waits moves up class by class, so that nobody starves; and when
 * the queue is full, a lower class makes room for a higher one.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const urgency = contextKey<number>('urgency');
 * const inventory = bulkhead({
 *   maxConcurrent: 10,
 *   maxQueued: 100,
 *   queue: priorityQueue({ priority: (context) => context.get(urgency) }),
 * });
 *
 * await inventory.execute(rebuildIndex, { properties: [urgency(7)] });
 * ```
 */
export function priorityQueue(options: PriorityQueueOptions): QueueOrder {
  const names = ['priority', 'ageAfterMs', 'displace', 'within'];
  const { priority, ageAfterMs, displace } = CallOrder.checked(options, names, 'priority');
  requiredFunction('priority', priority);
  if (ageAfterMs !== undefined && ageAfterMs !== Number.POSITIVE_INFINITY) {
    positiveMilliseconds('ageAfterMs', ageAfterMs);
  }
  optionalBoolean('displace', displace);
  return new PriorityOrder(options);
}
