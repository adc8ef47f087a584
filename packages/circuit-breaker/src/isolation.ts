/** Holds a circuit isolated; see `isolate`. At the end of a `using` block it is released. */
export interface Isolation extends Disposable {
  /** Lets go; the circuit closes with the last of its isolations. Calling it again does nothing. */
  release(): void;
}

export class HeldIsolation implements Isolation {
  private letGo: (() => void) | undefined;

  constructor(letGo: () => void) {
    this.letGo = letGo;
  }

  release(): void {
    const { letGo } = this;
    this.letGo = undefined;
    letGo?.();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
