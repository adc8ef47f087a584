import type { Clock, HeapedDeadline } from '@holdfast/policy';
import { deadlineHeap } from '@holdfast/policy';
import { type RateState, rounding } from './algorithm.ts';
import type { WaitingCall } from './waiting-call.ts';
import type { WaitingLine } from './waiting-line.ts';

/** Whom a bucket tells that a call has got what it waited for. */
export interface Server {
  readonly clock: Clock;
  served(call: WaitingCall): void;
}

/** One key: its counts, the calls that wait for it, and when the next of them may go. */
export class Bucket implements HeapedDeadline {
  // Its place among the deadlines of the clock.
  due: number | undefined = undefined;
  place = -1;
  /** The next older and the next newer of all keys, by use. */
  older: Bucket | undefined = undefined;
  newer: Bucket | undefined = undefined;
  readonly key: string | undefined;
  readonly state: RateState;
  readonly line: WaitingLine;
  private readonly server: Server;

  constructor(key: string | undefined, state: RateState, line: WaitingLine, server: Server) {
    this.key = key;
    this.state = state;
    this.line = line;
    this.server = server;
  }

  /** Lets those go that may, and remembers when the next one may. */
  serve(now: number): void {
    const { line, state, server } = this;
    for (let call = line.next(now); call !== undefined; call = line.next(now)) {
      const due = now + state.waitFor(now, call.units);
      if (due > now) {
        this.wait(due);
        return;
      }
      call.taken = state.take(now, call.units);
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
    else this.wait(now + this.state.waitFor(now, next.units));
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
