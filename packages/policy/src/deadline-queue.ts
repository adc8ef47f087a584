import { type Clock, type ClockTimer, isFakeTimer, isStale, systemClock } from './clock.ts';
import { isFaked, onTurnEnd } from './turn.ts';
import { inNobodysContext } from './nobodys-context.ts';

/** Something that expires; the links belong to the queue that it is in. */
export interface QueuedDeadline {
  /** The moment, in milliseconds of the queue's clock; undefined until the queue has looked at it. */
  due: number | undefined;
  /** The one that is due before; null when it is in no queue. */
  previous: QueuedDeadline | null;
  /** The one that is due after. */
  next: QueuedDeadline | null;
  /** Called once, when it is due. */
  expire(): void;
}

/** Fake timers fire when they are told to, however far the clock has come: due is due. */
const fakeToleranceMs = 1;

/**
 * Deadlines of one constant duration. They expire in the order in which they were added, so that one
 * timer and a list serve them all: a call that ends in time costs two changes of links.
 *
 * With the clock of the process, deadlines begin to count at the end of the turn of the event loop in
 * which they were added: one reading of the clock serves all of them, and those that are taken out
 * within the turn need none. So they are never early, and late by no more than the rest of the turn.
 */
export class DeadlineQueue implements QueuedDeadline {
  /** The queue itself is the end of the list, and never due. */
  readonly due: undefined = undefined;
  /** The last deadline. */
  previous: QueuedDeadline = this;
  /** The first deadline. */
  next: QueuedDeadline = this;
  private readonly clock: Clock;
  private readonly durationMs: number;
  private timer: ClockTimer | undefined;
  private timerDue = 0;
  private isHeld = false;
  private awaitsTurnEnd = false;
  /** What an earlier kind of timers has to expire; see {@link DeadlineQueue.retire}. */
  private retired: DeadlineQueue | undefined;

  constructor(clock: Clock, durationMs: number) {
    this.clock = clock;
    this.durationMs = durationMs;
  }

  /** Adds a deadline. */
  add(deadline: QueuedDeadline): void {
    this.link(deadline);
    if (this.clock !== systemClock || isFaked(setTimeout)) this.stampNow();
    else if (!this.awaitsTurnEnd) this.awaitTurnEnd();
  }

  /** Takes a deadline out; does nothing if it is in no queue. */
  remove(deadline: QueuedDeadline): void {
    if (deadline.next === null) return;
    this.unlink(deadline);
    if (this.next === this && !this.awaitsTurnEnd) this.awaitTurnEnd();
  }

  private link(deadline: QueuedDeadline): void {
    const last = this.previous;
    deadline.previous = last;
    deadline.next = this;
    last.next = deadline;
    this.previous = deadline;
  }

  private unlink(deadline: QueuedDeadline): void {
    const { previous, next } = deadline;
    if (previous === null || next === null) return;
    previous.next = next;
    next.previous = previous;
    deadline.previous = deadline.next = null;
  }

  /** The moment at which a deadline in this queue expires. */
  dueOf(deadline: QueuedDeadline): number | undefined {
    if (deadline.due === undefined && deadline.next !== null) this.stampNow();
    return deadline.due;
  }

  /** The queue itself is the end of the list: it never expires. */
  expire(): void {}

  /** Looks at what the turn has left. With nothing left, the timer must not keep the process alive. */
  turnEnded(): void {
    this.awaitsTurnEnd = false;
    if (this.next !== this) this.stampNow();
    else if (this.timer !== undefined && this.isHeld) {
      this.timer.unref();
      this.isHeld = false;
    }
  }

  private awaitTurnEnd(): void {
    this.awaitsTurnEnd = true;
    onTurnEnd(this);
  }

  /** Lets all new deadlines count from now on. */
  private stampNow(): void {
    if (this.timer !== undefined && isStale(this.timer)) this.retire();
    const due = this.clock.now() + this.durationMs;
    for (let last = this.previous; last !== this && last.due === undefined; ) {
      last.due = due;
      last = last.previous as QueuedDeadline;
    }
    if (this.timer === undefined) this.arm();
    else if (!this.isHeld) {
      this.isHeld = true;
      this.timer.ref();
    }
  }

  /**
   * Fake timers have come or gone, and with them their clock: what counts by it is left to the timer
   * that they armed, and does not stand before what counts by the present one.
   */
  private retire(): void {
    const retired = new DeadlineQueue(this.clock, this.durationMs);
    retired.timer = this.timer;
    retired.timerDue = this.timerDue;
    retired.retired = this.retired;
    while (this.next.due !== undefined) {
      const first = this.next;
      this.unlink(first);
      retired.link(first);
    }
    this.timer = undefined;
    this.retired = retired.next === retired ? this.retired : retired;
  }

  private arm(): void {
    this.timer?.cancel();
    this.timerDue = this.next.due as number;
    this.isHeld = true;
    const delayMs = Math.max(0, this.timerDue - this.clock.now());
    const timer = inNobodysContext(() => this.clock.setTimeout(() => this.fired(timer), delayMs));
    this.timer = timer;
  }

  private fired(timer: ClockTimer): void {
    if (timer !== this.timer) {
      this.retired?.fired(timer);
      return;
    }
    const now = this.clock.now();
    // A fake timer whose clock has stayed behind it: the timer is right.
    const isAhead = now < this.timerDue && isFakeTimer(timer);
    const limit = isAhead ? this.timerDue + fakeToleranceMs : now;
    this.timer = undefined;
    for (let first = this.next; first.due !== undefined && first.due <= limit; first = this.next) {
      this.remove(first);
      first.expire();
    }
    if (this.next !== this && this.next.due !== undefined && this.timer === undefined) this.arm();
  }
}
