import { defineTopics, type Outcome, type PolicyEvent, type Topic } from '@holdfast/policy';
import type { CircuitMode } from './options.ts';
import type { CircuitState } from './state.ts';
import type { TripReading } from './trip.ts';

/** What every event of a circuit breaker has. */
export interface CircuitEvent extends PolicyEvent {
  /** The mode: in `'shadow'` the event tells what would have happened. */
  readonly mode: CircuitMode;
}

/** Why a circuit opened: a trip said so, a probe failed, or a probe did not end in time. */
export type OpenedReason = 'tripped' | 'probe-failed' | 'probe-hung';

/** The circuit has opened. */
export interface OpenedEvent extends CircuitEvent {
  /** Always `'opened'`. */
  readonly event: 'opened';
  /** Why. */
  readonly reason: OpenedReason;
  /** The failure, or the slow call, that opened it; undefined when a probe hung. */
  readonly outcome: Outcome<unknown> | undefined;
  /** For how many milliseconds no call is let in. */
  readonly openForMs: number;
  /** How often in a row it has opened without closing in between. */
  readonly openings: number;
  /** How far each trip was. */
  readonly trips: readonly TripReading[];
}

/** A first probe has been let in. */
export interface HalfOpenedEvent extends CircuitEvent {
  /** Always `'half-opened'`. */
  readonly event: 'half-opened';
}

/** Why a circuit closed: its probes succeeded, it was reset, or its last isolation was released. */
export type ClosedReason = 'probes-succeeded' | 'reset' | 'released';

/** The circuit has closed. */
export interface ClosedEvent extends CircuitEvent {
  /** Always `'closed'`. */
  readonly event: 'closed';
  /** Why. */
  readonly reason: ClosedReason;
}

/** Somebody has isolated the circuit. */
export interface IsolatedEvent extends CircuitEvent {
  /** Always `'isolated'`. */
  readonly event: 'isolated';
  /** How many handles hold it isolated now. */
  readonly isolations: number;
}

/** Somebody has released an isolation. */
export interface ReleasedEvent extends CircuitEvent {
  /** Always `'released'`. */
  readonly event: 'released';
  /** How many handles hold it isolated still; at 0 it has closed. */
  readonly isolations: number;
}

/** A call was not let in; in shadow mode, it would not have been. */
export interface RejectedEvent extends CircuitEvent {
  /** Always `'rejected'`. */
  readonly event: 'rejected';
  /** What state the circuit was in. */
  readonly state: Exclude<CircuitState, 'closed'>;
  /** When the first probe may go, in milliseconds from now; undefined when nobody can tell. */
  readonly retryAfterMs: number | undefined;
}

/** The events of a circuit breaker, by name. */
export interface CircuitBreakerEvents {
  /** See {@link OpenedEvent}. */
  readonly opened: OpenedEvent;
  /** See {@link HalfOpenedEvent}. */
  readonly 'half-opened': HalfOpenedEvent;
  /** See {@link ClosedEvent}. */
  readonly closed: ClosedEvent;
  /** See {@link IsolatedEvent}. */
  readonly isolated: IsolatedEvent;
  /** See {@link ReleasedEvent}. */
  readonly released: ReleasedEvent;
  /** See {@link RejectedEvent}. */
  readonly rejected: RejectedEvent;
}

export const topics: Readonly<Record<keyof CircuitBreakerEvents, Topic>> = defineTopics(
  'circuit-breaker',
  ['opened', 'half-opened', 'closed', 'isolated', 'released', 'rejected'],
);
