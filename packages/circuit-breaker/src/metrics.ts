import type { Outcome } from '@holdfast/policy';
import type { CircuitMode } from './options.ts';
import type { CircuitState } from './state.ts';
import type { TripReading } from './trip.ts';

/** How a circuit breaker is, at the moment of asking. The totals count since it was made. */
export interface CircuitMetrics {
  /** The state. An open circuit stays open until the first call after its break. */
  readonly state: CircuitState;
  /** Whether it rejects calls. */
  readonly mode: CircuitMode;
  /** How far each trip is; all of them begin anew when the circuit closes. */
  readonly trips: readonly TripReading[];
  /** How many calls succeeded. */
  readonly successes: number;
  /** How many calls failed. */
  readonly failures: number;
  /** How many calls were ignored. */
  readonly ignored: number;
  /** How many calls were rejected; in shadow mode, how many would have been. */
  readonly rejected: number;
  /** How often in a row the circuit has opened without closing in between. */
  readonly openings: number;
  /** When it opened last, in milliseconds of its clock; undefined once it has closed. */
  readonly openedAt: number | undefined;
  /** When the first probe may go, in milliseconds from now; undefined unless the circuit is open. */
  readonly retryAfterMs: number | undefined;
  /** The failure that opened the circuit; undefined once it has closed. */
  readonly lastFailure: Outcome<unknown> | undefined;
  /** How many handles hold it isolated. */
  readonly isolations: number;
  /** Which share of the calls goes through during a {@link ramp}; undefined otherwise. */
  readonly admittedShare?: number | undefined;
  /** How many calls wait for the probes; undefined without {@link waitForProbe}. */
  readonly queued?: number | undefined;
}
