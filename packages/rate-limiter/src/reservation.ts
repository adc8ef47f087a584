/** Units that are reserved for something that goes later; see `reserve`. */
export interface Reservation {
  /** After how many milliseconds, counted from the reservation, it may go; 0 if it may go at once. */
  readonly delayMs: number;
  /**
   * It does not go: the units are free again, as far as nothing that was reserved later counts on
   * them. A second time does nothing.
   */
  cancel(): void;
}

export class HeldReservation implements Reservation {
  readonly delayMs: number;
  private giveBack: (() => void) | undefined;

  constructor(delayMs: number, giveBack: () => void) {
    this.delayMs = delayMs;
    this.giveBack = giveBack;
  }

  cancel(): void {
    const { giveBack } = this;
    this.giveBack = undefined;
    giveBack?.();
  }
}
