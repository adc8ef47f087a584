import type { Clock, ClockTimer } from '@holdfast/policy';
import type { RateState } from './algorithm.ts';
import type { WaitingCall } from './waiting-call.ts';
import { WaitingLine } from './waiting-line.ts';

/** Whom a bucket tells that a call has got what it waited for. */
export interface Server {
  readonly clock: Clock;
  served(call: WaitingCall): void;
}

/** One key: its counts, the calls that wait for it, and the one timer that serves them. */
export class Bucket {
  /** The next older and the next newer of all keys, by use. */
  older: Bucket | undefined = undefined;
  newer: Bucket | undefined = undefined;
  readonly key: string | undefined;
  readonly state: RateState;
  readonly line: WaitingLine;
  private readonly server: Server;
  private timer: ClockTimer | undefined = undefined;
  private timerDue = 0;

  constructor(key: string | undefined, state: RateState, server: Server, ageAfterMs: number) {
    this.key = key;
    this.state = state;
    this.server = server;
    this.line = new WaitingLine(ageAfterMs);
  }

  /** Whether it can be forgotten without anybody being any the wiser. */
  isUntouched(now: number): boolean {
    return this.line.size === 0 && this.state.resetAfter(now) === 0;
  }

  /** Lets those go that may, and sets the timer for the next one. */
  serve(): void {
    const now = this.server.clock.now();
    for (let call = this.line.next(now); call !== undefined; call = this.line.next(now)) {
      const waitMs = this.state.waitFor(now, call.units);
      if (waitMs > 0) {
        this.arm(now, waitMs);
        return;
      }
      call.taken = this.state.take(now, call.units);
      call.state = 'called';
      this.line.remove(call);
      this.server.served(call);
    }
    this.disarm();
  }

  private arm(now: number, waitMs: number): void {
    const due = now + waitMs;
    if (this.timer !== undefined && this.timerDue === due) return;
    this.disarm();
    this.timerDue = due;
    this.timer = this.server.clock.setTimeout(() => {
      this.timer = undefined;
      this.serve();
    }, waitMs);
  }

  private disarm(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }
}
