/**
 * The states of a circuit. As in an enum, `CircuitState[1]` is `'Open'`.
 */
export const CircuitState: CircuitStates = {
  Closed: 0,
  Open: 1,
  HalfOpen: 2,
  Isolated: 3,
  0: 'Closed',
  1: 'Open',
  2: 'HalfOpen',
  3: 'Isolated',
};

/** The states of a circuit. */
export type CircuitState =
  | CircuitState.Closed
  | CircuitState.Open
  | CircuitState.HalfOpen
  | CircuitState.Isolated;

/** The type of each state, as an enum has it. */
export declare namespace CircuitState {
  /** Calls go through. */
  type Closed = 0;
  /** No call is let in. */
  type Open = 1;
  /** Some calls probe whether all is well again. */
  type HalfOpen = 2;
  /** Somebody holds the circuit open. */
  type Isolated = 3;
}

/** What {@link CircuitState} is. */
export interface CircuitStates {
  /** Calls go through. */
  readonly Closed: 0;
  /** No call is let in. */
  readonly Open: 1;
  /** Some calls probe whether all is well again. */
  readonly HalfOpen: 2;
  /** Somebody holds the circuit open. */
  readonly Isolated: 3;
  /** The name of the state. */
  readonly [value: number]: string;
}
