import type { Clock, HeapedDeadline } from '@holdfast/policy';
import { deadlineHeap } from '@holdfast/policy';
import type { RateState } from './algorithm.ts';
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
    const heap = deadlineHeap(server.clock);
    for (let call = line.next(now); call !== undefined; call = line.next(now)) {
      const due = now + state.waitFor(now, call.units);
      if (due > now) {
        // One that is too early does no harm: it looks again.
        if (this.place !== -1 && (this.due as number) <= due) return;
        heap.remove(this);
        heap.add(this, due);
        return;
      }
      call.taken = state.take(now, call.units);
      call.state = 'called';
      line.remove(call);
      server.served(call);
    }
    heap.remove(this);
  }

  /** Fake timers may say that the time has come before the clock does. */
  expire(): void {
    this.serve(Math.max(this.server.clock.now(), this.due as number));
  }
}
