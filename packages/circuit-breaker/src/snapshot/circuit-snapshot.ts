import type { CircuitState } from '../state.ts';

/** How far one trip was when a snapshot was taken. */
export interface TripSnapshot {
  /** Which trip, such as `'failureRatio'`. */
  readonly trip: string;
  /** What it had counted, in a form of its own. */
  readonly counts: unknown;
}

/** A circuit as plain data, for JSON; taken by {@link takeSnapshot}. */
export interface CircuitSnapshot {
  /** The version of this form. */
  readonly version: 1;
  /** When it was taken, in milliseconds since 1970. */
  readonly takenAtMs: number;
  /** The state; `'half-open'` during a ramp as well. */
  readonly state: CircuitState;
  /** How often in a row the circuit had opened without closing in between. */
  readonly openings: number;
  /** For how many milliseconds it had been open by then; 0 unless it was. */
  readonly openedAgoMs: number;
  /** For how many milliseconds more no probe could go; 0 unless it was open. */
  readonly remainingMs: number;
  /** How far each trip was. */
  readonly trips: readonly TripSnapshot[];
}
