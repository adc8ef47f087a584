import { BinaryHeap } from './binary-heap.ts';
import { firesBefore, type TimerHolder, type VirtualTimer } from './virtual-timer.ts';

/** The armed timers of a virtual clock in the order in which they fire. */
export class TimerQueue implements TimerHolder {
  readonly #heap: BinaryHeap<VirtualTimer> = new BinaryHeap(firesBefore);
  #keepingAlive = 0;

  get size(): number {
    return this.#heap.size;
  }

  /** How many of the timers would keep a process alive. */
  get keepingAlive(): number {
    return this.#keepingAlive;
  }

  /** The timer that fires next. */
  get first(): VirtualTimer | undefined {
    return this.#heap.peek();
  }

  add(timer: VirtualTimer): void {
    this.#heap.add(timer);
    if (timer.keepsAlive) this.#keepingAlive += 1;
  }

  remove(timer: VirtualTimer): void {
    if (this.#heap.remove(timer) && timer.keepsAlive) this.#keepingAlive -= 1;
  }

  setKeepsAlive(timer: VirtualTimer, keepsAlive: boolean): void {
    if (timer.keepsAlive === keepsAlive) return;
    timer.keepsAlive = keepsAlive;
    if (timer.heapIndex >= 0) this.#keepingAlive += keepsAlive ? 1 : -1;
  }
}
