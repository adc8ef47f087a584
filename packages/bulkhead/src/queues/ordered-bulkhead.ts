import {
  admitted,
  type EnterVerdict,
  type ExitVerdict,
  invalidOption,
  pass,
  refused,
  type Run,
  systemClock,
} from '@holdfast/policy';
import { BulkheadPolicy } from '../admission.ts';
import type { BulkheadOptions } from '../options.ts';
import type { Permit } from '../permit.ts';
import type { CallOrder } from './call-order.ts';
import { OrderedCall, type OrderedQueue } from './ordered-call.ts';

/**
 * A bulkhead whose calls differ in weight or in the order in which they start: it remembers each of
 * them. As long as anybody waits, a newcomer queues, even if there are places: whoever's turn it is
 * may be waiting for more of them.
 */
export class OrderedBulkhead extends BulkheadPolicy {
  declare protected readonly queue: OrderedQueue;
  private readonly order: CallOrder;

  constructor(options: BulkheadOptions, order: CallOrder) {
    super(options, order.makeQueue(options.clock ?? systemClock));
    this.order = order;
  }

  override enter(run: Run, at: number): EnterVerdict {
    const call = this.makeCall(run);
    try {
      this.assess(call, run);
    } catch (error) {
      run.answer(false, error);
      return refused;
    }
    if (this.queue.size > 0 || !this.fits(call, this.placesToEnter)) return this.line(call, at);
    run.tickets[at] = call;
    this.running += call.weight;
    return admitted;
  }

  protected makeCall(run: Run): OrderedCall {
    return new OrderedCall(run);
  }

  private assess(call: OrderedCall, run: Run): void {
    this.order.assess(call, run);
    const [name, heaviest] = this.heaviest();
    if (call.weight <= heaviest) return;
    throw invalidOption('weight', `at most ${name} (${heaviest})`, call.weight, RangeError);
  }

  /** What the heaviest call may weigh, and the option that says so. */
  protected heaviest(): readonly [name: string, places: number] {
    return ['maxConcurrent', this.concurrentLimit];
  }

  /** Whether there is room; one that weighs more than there are places by now has them all. */
  private fits({ weight }: OrderedCall, places: number): boolean {
    return this.running + weight <= places || (this.running === 0 && places > 0);
  }

  private line(call: OrderedCall, at: number): EnterVerdict {
    const { run } = call;
    const { queue } = this;
    const isKeyFull = queue.isFullFor(call);
    const hasRoom = queue.size < this.queueLimit && !isKeyFull;
    const victim = hasRoom ? undefined : queue.victim(call);
    const reason = this.whyNotQueue(run, hasRoom || victim !== undefined);
    if (reason !== undefined) {
      return this.reject(run, reason === 'full' && isKeyFull ? 'key-full' : reason, 0);
    }
    if (victim !== undefined) this.turnOut(victim, 'displaced');
    this.add(call);
    this.startQueued(call);
    if (call.state !== 'called') return this.wait(call, at);
    run.tickets[at] = call;
    return admitted;
  }

  /** Whoever leaves may have been in the way of the others. */
  protected override shortened(): void {
    this.startQueued();
    super.shortened();
  }

  protected override next(): OrderedCall | undefined {
    const call = super.next() as OrderedCall | undefined;
    return call !== undefined && this.fits(call, this.placesToStart) ? call : undefined;
  }

  override success(run: Run, at: number, _value?: unknown): ExitVerdict {
    if (run.openWork > 0) run.holdUntilIdle(at);
    else this.idle(run, at);
    return pass;
  }

  override idle(run: Run, at: number): void {
    this.release((run.tickets[at] as OrderedCall).weight);
  }

  override tryAcquire(): Permit | undefined {
    return this.queue.size > 0 ? undefined : super.tryAcquire();
  }

  protected override described(): Readonly<Record<string, unknown>> {
    return { ...super.described(), queue: this.order.described() };
  }
}
