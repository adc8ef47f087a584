import type { Clock, HeapedDeadline } from '@holdfast/policy';
import { deadlineHeap } from '@holdfast/policy';
import { type RateState, rounding, type Taken } from './algorithm.ts';
import type { KeptBucket } from './bucket-source.ts';
import type { WaitingCall } from './waiting-call.ts';
import type { WaitingLine } from './waiting-line.ts';

/** Whom a bucket tells that a call has got what it waited for. */
export interface Server {
  readonly clock: Clock;
  /** How many units may go at one moment. */
  readonly capacity: number;
  served(call: WaitingCall): void;
}

/** One key: its counts, the calls that wait for it, and when the next of them may go. */
export class Bucket implements HeapedDeadline, KeptBucket<Bucket> {
  // Its place among the deadlines of the clock.
  due: number | undefined = undefined;
  place = -1;
  /** The next older and the next newer of all keys, by use. */
  older: Bucket | undefined = undefined;
  newer: Bucket | undefined = undefined;
  readonly key: string | undefined;
  state: RateState;
  readonly line: WaitingLine<WaitingCall>;
  private readonly server: Server;

  constructor(
    key: string | undefined,
    state: RateState,
    line: WaitingLine<WaitingCall>,
    server: Server,
  ) {
    this.key = key;
    this.state = state;
    this.line = line;
    this.server = server;
  }

  /** Lets those go that may, and remembers when the next one may. */
  serve(now: number): void {
    const { line, state, server } = this;
    for (let call = line.next(now); call !== undefined; call = line.next(now)) {
      const units = this.unitsOf(call);
      const due = now + state.waitFor(now, units);
      if (due > now) {
        this.wait(due);
        return;
      }
      call.taken = state.take(now, units);
      call.takenFrom = state;
      call.state = 'called';
      line.remove(call);
      server.served(call);
    }
    deadlineHeap(server.clock).remove(this);
  }

  /**
   * A call has come into the line. Those before it that may go have a timer: to let them go here would
   * be to count them from now on, though they begin only after whatever else the caller does in this
   * turn, which may take long.
   */
  lineUp(newcomer: WaitingCall, now: number): void {
    const next = this.line.next(now) as WaitingCall;
    if (next === newcomer) this.serve(now);
    else this.wait(now + this.state.waitFor(now, this.unitsOf(next)));
  }

  /** The limit may have become less than what a call that waits already is: it takes all of it then. */
  private unitsOf({ units }: WaitingCall): number {
    return Math.min(units, this.server.capacity);
  }

  /** Takes back, at `now`, what did not go, unless the counts are others by now: then it stays taken. */
  giveBack(taken: Taken, from: RateState | undefined, now: number): void {
    if (from === this.state) from.giveBack(taken, now);
    this.serve(now);
  }

  /** Goes on with other counts: whoever waits goes when these say so. */
  count(state: RateState, now: number): void {
    this.state = state;
    if (this.line.size > 0) this.serve(now);
  }

  /** Waits anew even if it waits already: fake timers that have gone would never fire. */
  private wait(due: number): void {
    const heap = deadlineHeap(this.server.clock);
    // The same time, but for the rounding of sums, needs no other timer.
    const isSame = this.place !== -1 && Math.abs((this.due as number) - due) < rounding;
    heap.remove(this);
    heap.add(this, isSame ? (this.due as number) : due);
  }

  /** Fake timers may say that the time has come before the clock does. */
  expire(): void {
    this.serve(Math.max(this.server.clock.now(), this.due as number));
  }
}
