import { AsyncResource } from 'node:async_hooks';
import type { ClockTimer } from '@holdfast/policy';
import type { HeapItem } from './binary-heap.ts';

/** When a timer was armed, when it is due, and who goes first among those due together. */
export interface VirtualTimerPlan {
  readonly armedAt: number;
  readonly dueAt: number;
  /** Decides among timers due at the same instant; the lower goes first. */
  readonly rank: number;
  /** Counts the timers; decides where the ranks are equal. */
  readonly order: number;
  /** How many callbacks without a delay led here, one arming the next. */
  readonly zeroDelays: number;
}

/** Who holds the armed timers. */
export interface TimerHolder {
  remove(timer: VirtualTimer): void;
  setKeepsAlive(timer: VirtualTimer, keepsAlive: boolean): void;
}

/** One armed timer of a virtual clock. */
export class VirtualTimer implements ClockTimer, HeapItem {
  readonly plan: VirtualTimerPlan;
  heapIndex = -1;
  keepsAlive = true;
  readonly #holder: TimerHolder;
  readonly #callback: () => void;
  // As with the timers of Node, the callback runs in the async context that armed it.
  readonly #context: AsyncResource = new AsyncResource('VirtualTimer');

  constructor(holder: TimerHolder, callback: () => void, plan: VirtualTimerPlan) {
    this.#holder = holder;
    this.#callback = callback;
    this.plan = plan;
  }

  run(): void {
    this.#context.runInAsyncScope(this.#callback);
  }

  cancel(): void {
    this.#holder.remove(this);
  }

  ref(): void {
    this.#holder.setKeepsAlive(this, true);
  }

  unref(): void {
    this.#holder.setKeepsAlive(this, false);
  }

  /** For error messages: which timer this is, in words that lead to the code that armed it. */
  describe(): string {
    const { armedAt, dueAt } = this.plan;
    const source = this.#callback.name || String(this.#callback).replaceAll(/\s+/g, ' ');
    const name = source.length > 60 ? `${source.slice(0, 60)}...` : source;
    return `\`${name}\` (armed at ${armedAt} ms, due at ${dueAt} ms)`;
  }
}

/** Whether `a` fires before `b`. */
export function firesBefore(a: VirtualTimer, b: VirtualTimer): boolean {
  if (a.plan.dueAt !== b.plan.dueAt) return a.plan.dueAt < b.plan.dueAt;
  if (a.plan.rank !== b.plan.rank) return a.plan.rank < b.plan.rank;
  return a.plan.order < b.plan.order;
}
