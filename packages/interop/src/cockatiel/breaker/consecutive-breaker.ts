import type { IBreaker } from './breaker.ts';

/** Opens the circuit after so many failures in a row. */
export class ConsecutiveBreaker implements IBreaker {
  /** The failures in a row. */
  state: number = 0;
  private readonly threshold: number;

  constructor(threshold: number) {
    this.threshold = threshold;
  }

  /** A call succeeded. */
  success(): void {
    this.state = 0;
  }

  /** A call failed. */
  failure(): boolean {
    this.state++;
    return this.state >= this.threshold;
  }
}
