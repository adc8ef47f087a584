import type { MeasuredCall } from './measured-call.ts';

/** How many other calls may end, for each that is waited for, before stragglers are left out. */
const patience = 4;

/**
 * Measures the latency at a lower limit. Calls start again only when no more than that many run, so
 * that the first to start find no queue. Exactly these are measured, however long each takes: to
 * take those that end first would be to choose the short ones.
 */
export class Probe {
  readonly places: number;
  /** For how long it may keep calls from starting, in milliseconds: several times what it should take. */
  readonly patienceMs: number;
  private toStart: number;
  private toEnd: number;
  private others: number;
  private sum = 0;
  private samples = 0;

  /** `latencyMs` is about how long a call takes. */
  constructor(places: number, calls: number, latencyMs: number) {
    this.places = places;
    this.patienceMs = patience * latencyMs * (1 + calls / places);
    this.toStart = this.toEnd = calls;
    this.others = patience * calls;
  }

  /** The average of what was measured; undefined if all those calls were dropped. */
  get latencyMs(): number | undefined {
    return this.samples > 0 ? this.sum / this.samples : undefined;
  }

  /** Whether all the calls that it measures have started. */
  get hasStarted(): boolean {
    return this.toStart === 0;
  }

  started(call: MeasuredCall): void {
    if (this.toStart === 0) return;
    this.toStart--;
    call.probe = this;
  }

  /** A call has ended, with a latency if that counts. Returns whether the measurement is complete. */
  ended(call: MeasuredCall, latencyMs: number | undefined): boolean {
    if (call.probe !== this) this.others--;
    else {
      call.probe = undefined;
      this.toEnd--;
      if (latencyMs !== undefined) {
        this.sum += latencyMs;
        this.samples++;
      }
    }
    return this.toEnd === 0 || this.others <= 0;
  }
}
