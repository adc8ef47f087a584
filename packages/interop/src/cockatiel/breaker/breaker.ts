import type { CircuitState } from '../circuit-state.ts';

/** Counts calls, and says when to open a circuit. */
export interface IBreaker {
  /** What has been counted, as data for JSON. */
  state: unknown;
  /** A call succeeded while the circuit was in that state; half-open, the circuit closes. */
  success(state: CircuitState): void;
  /** A call failed while the circuit was in that state. Returns whether to open it. */
  failure(state: CircuitState): boolean;
}
