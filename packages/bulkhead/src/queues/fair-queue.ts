import {
  type Clock,
  type ExecutionContext,
  invalidOption,
  optionalFunction,
} from '@holdfast/policy';
import { positiveCount, positiveInteger } from '@holdfast/policy';
import { FifoQueue } from '../queued-call.ts';
import { CallOrder, optionalBoolean, requiredFunction } from './call-order.ts';
import { Lane, LaneLengths } from './lane.ts';
import type { OrderedCall, OrderedQueue } from './ordered-call.ts';
import type { QueueOrder, QueueOrderOptions } from './queue-order.ts';
import { Weights } from './weights.ts';

/** What {@link fairQueue} can be told. */
export interface FairQueueOptions extends QueueOrderOptions {
  /**
   * To whom a call belongs, such as its tenant. Calls without a key share one of their own. It is
   * asked once for each call, as the call comes in. A call for which it answers anything else rejects
   * with a `TypeError`, and one for which it throws with that very error.
   *
   * Only keys whose calls wait are remembered.
   */
  readonly key: (context: ExecutionContext) => string | undefined;
  /**
   * How many turns the key of a call gets where another gets one: an integer from 1 up. The newest
   * answer for a key counts.
   *
   * @default undefined (all keys are equal)
   */
  readonly share?: ((context: ExecutionContext) => number) | undefined;
  /**
   * How many calls of one key may wait: an integer from 1 up, or Infinity. One more rejects with a
   * `BulkheadFullError` whose `reason` is `'key-full'`.
   *
   * @default Infinity
   */
  readonly maxQueuedPerKey?: number | undefined;
  /**
   * Whether a call that finds the queue full takes the room of the newest call of the key with the
   * most calls in the queue, if its own key has at least 2 fewer. That call rejects with a
   * `BulkheadFullError` whose `reason` is `'displaced'`. So whoever floods the queue does so at their
   * own cost.
   *
   * @default true
   */
  readonly displace?: boolean | undefined;
  /**
   * The order among the calls of one key, such as `priorityQueue({ priority })`.
   *
   * @default undefined (first come, first served)
   */
  readonly within?: QueueOrder | undefined;
}

/**
 * Deficit round robin: M. Shreedhar, G. Varghese, "Efficient Fair Queueing Using Deficit Round
 * Robin", SIGCOMM 1995. In each round a key may take as many places as the heaviest call needs, times
 * its share; what it could not spend it keeps for the next.
 */
class FairQueue implements OrderedQueue {
  size = 0;
  private readonly lanes: Map<string | undefined, Lane> = new Map();
  private readonly turns: FifoQueue<Lane> = new FifoQueue();
  private readonly lengths: LaneLengths = new LaneLengths();
  private readonly maxQueuedPerKey: number;
  private readonly displace: boolean;
  private readonly makeLaneQueue: () => OrderedQueue;
  private readonly weights: Weights = new Weights();

  constructor({ options }: FairOrder, makeLaneQueue: () => OrderedQueue) {
    this.maxQueuedPerKey = options.maxQueuedPerKey;
    this.displace = options.displace;
    this.makeLaneQueue = makeLaneQueue;
  }

  add(call: OrderedCall): void {
    const lane = this.lanes.get(call.key) ?? this.open(call.key);
    call.lane = lane;
    lane.share = call.share;
    lane.calls.add(call);
    this.size++;
    this.weights.add(call.weight);
    this.lengths.changed(lane, lane.calls.size - 1, lane.calls.size);
  }

  private open(key: string | undefined): Lane {
    const lane = new Lane(key, this.makeLaneQueue());
    this.lanes.set(key, lane);
    this.turns.add(lane);
    return lane;
  }

  remove(call: OrderedCall): void {
    const lane = call.lane as Lane;
    if (call.state === 'called') lane.credit -= call.weight;
    lane.calls.remove(call);
    this.size--;
    this.weights.remove(call.weight);
    this.lengths.changed(lane, lane.calls.size + 1, lane.calls.size);
    if (lane.calls.size === 0) {
      this.lanes.delete(lane.key);
      this.turns.remove(lane);
    }
  }

  first(): OrderedCall | undefined {
    const { turns } = this;
    for (let lane = turns.first(); lane !== undefined; lane = turns.first()) {
      if (!lane.hasTurn) {
        lane.hasTurn = true;
        lane.credit += this.weights.heaviest * lane.share;
      }
      const call = lane.calls.first() as OrderedCall;
      if (call.weight <= lane.credit) return call;
      lane.hasTurn = false;
      turns.remove(lane);
      turns.add(lane);
    }
    return undefined;
  }

  last(): OrderedCall | undefined {
    return this.lengths.longest()?.calls.last();
  }

  isFullFor({ key }: OrderedCall): boolean {
    return (this.lanes.get(key)?.calls.size ?? 0) >= this.maxQueuedPerKey;
  }

  victim(newcomer: OrderedCall): OrderedCall | undefined {
    const own = this.lanes.get(newcomer.key)?.calls;
    if (this.displace) {
      const longest = this.lengths.longest()?.calls;
      if (longest !== undefined && longest.size > (own?.size ?? 0) + 1) return longest.last();
    }
    return own?.victim(newcomer);
  }
}

class FairOrder extends CallOrder {
  readonly order = 'fair';
  readonly options: { readonly maxQueuedPerKey: number; readonly displace: boolean };
  private readonly key: FairQueueOptions['key'];
  private readonly share: FairQueueOptions['share'];

  constructor(options: FairQueueOptions) {
    super(options, options.within);
    const { key, share, maxQueuedPerKey = Number.POSITIVE_INFINITY, displace = true } = options;
    this.key = key;
    this.share = share;
    this.options = { maxQueuedPerKey, displace };
  }

  override assess(call: OrderedCall, context: ExecutionContext): void {
    const { key: keyOf, share } = this;
    const key: unknown = keyOf(context);
    if (key !== undefined && typeof key !== 'string') {
      throw invalidOption('key', 'a string or undefined', key, TypeError);
    }
    call.key = key;
    if (share !== undefined) call.share = positiveInteger('share', share(context));
    super.assess(call, context);
  }

  makeQueue(clock: Clock): OrderedQueue {
    return new FairQueue(this, () => this.makeInnerQueue(clock));
  }
}

/**
 * Shares the places that become free between keys, such as tenants: they take turns, and the calls of
 * one key start in the order in which they came. A key whose calls are heavy gets fewer of them; one
 * with a larger share gets more. Whoever fills the queue has to make room for the others.
 *
 * It shares what becomes free, and does not bound how many places a key holds: for that, put a keyed
 * bulkhead outside.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const tenant = contextKey<string>('tenant');
 * const inventory = bulkhead({
 *   maxConcurrent: 10,
 *   maxQueued: 100,
 *   queue: fairQueue({ key: (context) => context.get(tenant) }),
 * });
 *
 * await inventory.execute(readStock, { properties: [tenant('acme')] });
 * ```
 */
export function fairQueue(options: FairQueueOptions): QueueOrder {
  const names = ['key', 'share', 'maxQueuedPerKey', 'displace', 'within'];
  const { key, share, maxQueuedPerKey, displace } = CallOrder.checked(options, names, 'fair');
  requiredFunction('key', key);
  optionalFunction('share', share);
  if (maxQueuedPerKey !== undefined) positiveCount('maxQueuedPerKey', maxQueuedPerKey);
  optionalBoolean('displace', displace);
  return new FairOrder(options);
}
