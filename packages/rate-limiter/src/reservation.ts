import type { RateState, Taken } from './algorithm.ts';

/** Units that are reserved for something that goes later; see `reserve`. */
export interface Reservation {
  /** After how many milliseconds, counted from the reservation, it may go; 0 if it may go at once. */
  readonly delayMs: number;
  /**
   * It does not go: the units are free again, as far as nothing that was reserved later counts on
   * them. Call it before the time has come; a second time does nothing.
   */
  cancel(): void;
}

export class HeldReservation implements Reservation {
  readonly delayMs: number;
  private readonly state: RateState;
  private taken: Taken | undefined;
  private readonly whenFreed: () => void;

  constructor(state: RateState, taken: Taken, delayMs: number, whenFreed: () => void) {
    this.state = state;
    this.taken = taken;
    this.delayMs = delayMs;
    this.whenFreed = whenFreed;
  }

  cancel(): void {
    if (this.taken === undefined) return;
    this.state.giveBack(this.taken);
    this.taken = undefined;
    this.whenFreed();
  }
}
