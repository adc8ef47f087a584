import { runGuarded } from '@holdfast/policy';
import type { Trip, TripCounter, TripReading } from '@holdfast/circuit-breaker';
import { CircuitState } from '../circuit-state.ts';
import type { IBreaker } from './breaker.ts';

/** A breaker of cockatiel as a trip of ours. The counts are the object's own, as its `state` is public. */
export class BreakerTrip implements Trip, TripCounter {
  readonly trip = 'cockatiel';
  readonly options: Readonly<Record<string, unknown>> = {};
  readonly needsTime = 'never';
  /** While it is true, a circuit that closes leaves the counts as they are. */
  keepsCounts = false;
  private readonly breaker: IBreaker;

  constructor(breaker: IBreaker) {
    this.breaker = breaker;
  }

  counter(): TripCounter {
    return this;
  }

  success(): boolean {
    this.guard(() => this.breaker.success(CircuitState.Closed));
    return false;
  }

  failure(): boolean {
    return this.failed(CircuitState.Closed);
  }

  /** A call failed while the circuit was in that state. */
  failed(state: CircuitState): boolean {
    let opens = false;
    this.guard(() => {
      opens = this.breaker.failure(state);
    });
    return opens;
  }

  reset(): void {
    if (!this.keepsCounts) this.guard(() => this.breaker.success(CircuitState.HalfOpen));
  }

  /** What the object counts is its secret. */
  reading(): TripReading {
    return { trip: this.trip, calls: 0, hits: 0, value: 0, limit: 1 };
  }

  private guard(callback: () => void): void {
    runGuarded(callback, { kind: 'cockatiel', event: 'breaker', policy: 'cockatiel' });
  }
}
