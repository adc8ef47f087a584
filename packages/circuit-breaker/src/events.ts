import { defineTopics, type Outcome, type PolicyEvent, type Topic } from '@holdfast/policy';
import type { CircuitMode } from './options.ts';
import type { CircuitState } from './state.ts';
import type { TripReading } from './trip.ts';

/** What every event of a circuit breaker has. */
export interface CircuitEvent extends PolicyEvent {
  /** The mode: in `'shadow'` the event tells what would have happened. */
  readonly mode: CircuitMode;
}

/**
 * Why a circuit opened: a trip said so, a probe failed, a probe did not end in time, or a snapshot
 * was restored.
 */
export type OpenedReason = 'tripped' | 'probe-failed' | 'probe-hung' | 'restored';

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

/**
 * Why a circuit closed: its probes succeeded, the ramp after them has ended, it was reset, its last
 * isolation was released, or a snapshot was restored.
 */
export type ClosedReason = 'probes-succeeded' | 'ramp-ended' | 'reset' | 'released' | 'restored';

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

/** The probes have succeeded, and a rising share of the calls goes through; see {@link ramp}. */
export interface RampStartedEvent extends CircuitEvent {
  /** Always `'ramp-started'`. */
  readonly event: 'ramp-started';
  /** How long it takes until all calls go through, in milliseconds. */
  readonly durationMs: number;
  /** The share that goes through at first. */
  readonly initialShare: number;
}

/** A call waits for the decision of the probes; it counts in `queued` already. */
export interface QueuedEvent extends CircuitEvent {
  /** Always `'queued'`. */
  readonly event: 'queued';
  /** How many calls wait now. */
  readonly queued: number;
}

/** A call that had waited for the probes goes on. */
export interface DequeuedEvent extends CircuitEvent {
  /** Always `'dequeued'`. */
  readonly event: 'dequeued';
  /** How many calls wait now. */
  readonly queued: number;
  /** How long it had waited, in milliseconds. */
  readonly waitedMs: number;
}

/** Nobody wants a call any more that waited for the probes: its caller gave up, or a timeout struck. */
export interface AbandonedEvent extends CircuitEvent {
  /** Always `'abandoned'`. */
  readonly event: 'abandoned';
  /** How many calls wait now. */
  readonly queued: number;
  /** How long it had waited, in milliseconds. */
  readonly waitedMs: number;
}

/** A check of {@link healthProbe} has ended, or has had its time. */
export interface HealthCheckedEvent extends CircuitEvent {
  /** Always `'health-checked'`. */
  readonly event: 'health-checked';
  /** Whether it found health. */
  readonly ok: boolean;
  /** Which check of this break it was, from 1 up. */
  readonly attempt: number;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
  /** What it threw; a `TimeoutError` if it has had its time. */
  readonly error: unknown;
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
  /** See {@link RampStartedEvent}. */
  readonly 'ramp-started': RampStartedEvent;
  /** See {@link QueuedEvent}. */
  readonly queued: QueuedEvent;
  /** See {@link DequeuedEvent}. */
  readonly dequeued: DequeuedEvent;
  /** See {@link AbandonedEvent}. */
  readonly abandoned: AbandonedEvent;
  /** See {@link HealthCheckedEvent}. */
  readonly 'health-checked': HealthCheckedEvent;
}

/** The events that every breaker has. */
export type PlainEvent = 'opened' | 'half-opened' | 'closed' | 'isolated' | 'released' | 'rejected';

export const topics: Readonly<Record<PlainEvent, Topic>> = defineTopics('circuit-breaker', [
  'opened',
  'half-opened',
  'closed',
  'isolated',
  'released',
  'rejected',
]);
