import { type Clock, type ClockTimer, isFakeTimer, isStale } from './clock.ts';
import { onTurnEnd } from './turn.ts';

/** Something that expires; the links belong to the queue that it is in. */
export interface QueuedDeadline {
  /** The moment, in milliseconds of the queue's clock. */
  due: number;
  previous: QueuedDeadline | null;
  next: QueuedDeadline | null;
  expire(): void;
}

/** Fake timers fire when they are told to, however far the clock has come: due is due. */
const fakeToleranceMs = 1;

/**
 * Deadlines of one constant duration. They expire in the order in which they were added, so that one
 * timer and a list serve them all: a call that ends in time costs two changes of links.
 */
export class DeadlineQueue implements QueuedDeadline {
  due = 0;
  previous: QueuedDeadline = this;
  next: QueuedDeadline = this;
  private readonly clock: Clock;
  private timer: ClockTimer | undefined;
  private timerDue = 0;
  private isHeld = false;
  private isEnding = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Adds a deadline, no earlier than the one that was added before it. */
  add(deadline: QueuedDeadline, due: number): void {
    deadline.due = due;
    const last = this.previous;
    deadline.previous = last;
    deadline.next = this;
    last.next = deadline;
    this.previous = deadline;
    if (last === this || this.timer === undefined) this.ensureTimer();
  }

  /** Takes a deadline out; does nothing if it is in no queue. */
  remove(deadline: QueuedDeadline): void {
    const { previous, next } = deadline;
    if (previous === null || next === null) return;
    previous.next = next;
    next.previous = previous;
    deadline.previous = deadline.next = null;
    if (next === this && previous === this && !this.isEnding) {
      this.isEnding = true;
      onTurnEnd(this);
    }
  }

  /** The queue itself is the end of the list: it never expires. */
  expire(): void {}

  /** With nothing left to expire, the timer must not keep the process alive. */
  turnEnded(): void {
    this.isEnding = false;
    if (this.next !== this || this.timer === undefined) return;
    this.timer.unref();
    this.isHeld = false;
  }

  private ensureTimer(): void {
    if (this.timer === undefined || isStale(this.timer)) this.arm();
    else if (!this.isHeld) {
      this.isHeld = true;
      this.timer.ref();
    }
  }

  private arm(): void {
    this.timer?.cancel();
    this.timerDue = this.next.due;
    this.isHeld = true;
    const timer = this.clock.setTimeout(() => this.fired(timer), this.timerDue - this.clock.now());
    this.timer = timer;
  }

  private fired(timer: ClockTimer): void {
    if (timer !== this.timer) return;
    const now = this.clock.now();
    const limit = isFakeTimer(timer) ? Math.max(now, this.timerDue) + fakeToleranceMs : now;
    this.timer = undefined;
    for (let first = this.next; first !== this && first.due <= limit; first = this.next) {
      this.remove(first);
      first.expire();
    }
    if (this.next !== this && this.timer === undefined) this.arm();
  }
}
