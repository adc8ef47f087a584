import {
  type Clock,
  type ExecutionContext,
  invalidOption,
  knownOptions,
  optionalFunction,
  positiveInteger,
} from '@holdfast/policy';
import type { Bulkhead } from '../bulkhead.ts';
import type { BulkheadOptions } from '../options.ts';
import { OrderedBulkhead } from './ordered-bulkhead.ts';
import { type OrderedCall, type OrderedQueue, TurnQueue } from './ordered-call.ts';
import type { QueueOrder, QueueOrderOptions } from './queue-order.ts';

/** Throws an error that names the option unless `value` is a function. */
export function requiredFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw invalidOption(name, 'a function', value, TypeError);
}

/** Throws an error that names the option unless `value` is a boolean or undefined. */
export function optionalBoolean(name: string, value: unknown): void {
  if (value === undefined || typeof value === 'boolean') return;
  throw invalidOption(name, 'a boolean', value, TypeError);
}

/** What all orders share: the weight of calls, and one order inside another. */
export abstract class CallOrder implements QueueOrder {
  abstract readonly order: 'fifo' | 'priority' | 'fair';
  abstract readonly options: Readonly<Record<string, unknown>>;
  private readonly weight: QueueOrderOptions['weight'];
  private readonly within: CallOrder | undefined;

  constructor({ weight }: QueueOrderOptions, within?: QueueOrder) {
    this.weight = optionalFunction('weight', weight);
    this.within = within as CallOrder | undefined;
  }

  /** Asks the user's functions about a call; throws what they throw, and when they answer nonsense. */
  assess(call: OrderedCall, context: ExecutionContext): void {
    const { weight } = this;
    if (weight !== undefined) call.weight = positiveInteger('weight', weight(context));
    this.within?.assess(call, context);
  }

  abstract makeQueue(clock: Clock): OrderedQueue;

  protected makeInnerQueue(clock: Clock): OrderedQueue {
    return this.within === undefined ? new TurnQueue() : this.within.makeQueue(clock);
  }

  /** What `describe()` tells. */
  described(): Readonly<Record<string, unknown>> {
    const { order, options, within } = this;
    return { order, ...options, ...(within === undefined ? {} : { within: within.described() }) };
  }

  makeBulkhead(options: BulkheadOptions): Bulkhead {
    return new OrderedBulkhead(options, this);
  }

  /** Returns `options` if their names are known and `within` can stand inside an order of this kind. */
  static checked<Options extends QueueOrderOptions & { readonly within?: QueueOrder | undefined }>(
    options: Options,
    names: readonly string[],
    order: QueueOrder['order'],
  ): Options {
    const { within } = knownOptions(options, [...names, 'weight']);
    if (within === undefined) return options;
    const fits =
      within instanceof CallOrder &&
      within.order !== order &&
      within.within === undefined &&
      within.weight === undefined;
    if (fits) return options;
    throw invalidOption(
      'within',
      'another order, without weight and inner order',
      within,
      TypeError,
    );
  }
}
