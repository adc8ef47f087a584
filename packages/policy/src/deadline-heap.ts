import { type Clock, type ClockTimer, isFakeTimer, isStale } from './clock.ts';
import { onTurnEnd } from './turn.ts';
import { inNobodysContext } from './nobodys-context.ts';

/** Something that expires; the place belongs to the heap that it is in. */
export interface HeapedDeadline {
  /** The moment, in milliseconds of the heap's clock; the heap sets it. */
  due: number | undefined;
  /** Its place in the heap; -1 when it is in none. */
  place: number;
  /** Called once, when it is due. */
  expire(): void;
}

/** A deadline once it is in the heap. */
type PlacedDeadline = HeapedDeadline & { due: number };

/** Deadlines of any durations, with one timer for the earliest: a binary heap. */
export class DeadlineHeap {
  private readonly clock: Clock;
  private readonly items: PlacedDeadline[] = [];
  private timer: ClockTimer | undefined;
  private timerDue = 0;
  private isHeld = false;
  private isEnding = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Adds a deadline. */
  add(deadline: HeapedDeadline, due: number): void {
    deadline.due = due;
    deadline.place = this.items.length;
    this.items.push(deadline as PlacedDeadline);
    this.rise(deadline.place);
    if (this.timer === undefined || isStale(this.timer) || due < this.timerDue) this.arm();
    else if (!this.isHeld) {
      this.isHeld = true;
      this.timer.ref();
    }
  }

  /** Takes a deadline out; does nothing if it is in no heap. */
  remove(deadline: HeapedDeadline): void {
    const { place } = deadline;
    if (place === -1) return;
    deadline.place = -1;
    const last = this.items.pop() as PlacedDeadline;
    if (last !== deadline) {
      this.put(last, place);
      this.rise(place);
      this.sink(last.place);
    }
    if (this.items.length > 0 || this.isEnding) return;
    this.isEnding = true;
    onTurnEnd(this);
  }

  /** With nothing left to expire, the timer must not keep the process alive. */
  turnEnded(): void {
    this.isEnding = false;
    if (this.items.length > 0 || this.timer === undefined) return;
    this.timer.unref();
    this.isHeld = false;
  }

  private arm(): void {
    const first = this.items[0];
    if (first === undefined) return;
    // One that fake timers have cut off is left alone: they may come back, or fire on their own.
    if (this.timer !== undefined && !isStale(this.timer)) this.timer.cancel();
    this.timerDue = first.due;
    this.isHeld = true;
    const delayMs = Math.max(0, first.due - this.clock.now());
    const timer = inNobodysContext(() => this.clock.setTimeout(() => this.fired(timer), delayMs));
    this.timer = timer;
  }

  private fired(timer: ClockTimer): void {
    const now = this.clock.now();
    const isPresent = timer === this.timer;
    const limit = isPresent && isFakeTimer(timer) ? Math.max(now, this.timerDue) : now;
    if (isPresent) this.timer = undefined;
    for (
      let first = this.items[0];
      first !== undefined && first.due <= limit;
      first = this.items[0]
    ) {
      this.remove(first);
      first.expire();
    }
    if (this.timer === undefined || isStale(this.timer)) this.arm();
  }

  private put(deadline: PlacedDeadline, place: number): void {
    this.items[place] = deadline;
    deadline.place = place;
  }

  private rise(from: number): void {
    const deadline = this.items[from] as PlacedDeadline;
    let place = from;
    while (place > 0) {
      const parent = this.items[(place - 1) >> 1] as PlacedDeadline;
      if (parent.due <= deadline.due) break;
      this.put(parent, place);
      place = (place - 1) >> 1;
    }
    this.put(deadline, place);
  }

  private sink(from: number): void {
    const { items } = this;
    const deadline = items[from] as PlacedDeadline;
    let place = from;
    for (;;) {
      const left = items[2 * place + 1];
      if (left === undefined) break;
      const right = items[2 * place + 2];
      const child = right !== undefined && right.due < left.due ? right : left;
      if (child.due >= deadline.due) break;
      const next = child.place;
      this.put(child, place);
      place = next;
    }
    this.put(deadline, place);
  }
}

const heaps = new WeakMap<Clock, DeadlineHeap>();

/** The heap that all policies with this clock share. */
export function deadlineHeap(clock: Clock): DeadlineHeap {
  const present = heaps.get(clock);
  if (present !== undefined) return present;
  const heap = new DeadlineHeap(clock);
  heaps.set(clock, heap);
  return heap;
}
