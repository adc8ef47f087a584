/** A place in a bulkhead that is held by hand; see `tryAcquire`. */
export interface Permit extends Disposable {
  /** Gives the place back. Calling it again does nothing. */
  release(): void;
}

export class HeldPermit implements Permit {
  private giveBack: (() => void) | undefined;

  constructor(giveBack: () => void) {
    this.giveBack = giveBack;
  }

  release(): void {
    const { giveBack } = this;
    this.giveBack = undefined;
    giveBack?.();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
