import type { Outcome } from '@holdfast/policy';

/** Where a circuit stands. */
export type CircuitState = 'closed' | 'open' | 'half-open' | 'isolated';

/**
 * A circuit as pure data: each change makes a new one. All times are readings of the breaker's clock.
 * A transition gives it a new epoch; what was admitted in an earlier one says nothing about this one.
 */
export interface Circuit {
  readonly state: CircuitState;
  readonly epoch: number;
  /** How often in a row it has opened without closing in between. */
  readonly openings: number;
  /** When it opened last. */
  readonly openedAt: number;
  /** Open: when the first probe may go. Half-open: when probes without an end count as failed. */
  readonly until: number;
  /** What opened it; undefined when a probe that hung did. */
  readonly failure: Outcome<unknown> | undefined;
  /** Probes that have been let in and not ignored. */
  readonly taken: number;
  readonly succeeded: number;
  readonly failed: number;
  /** How many handles hold it isolated. */
  readonly isolations: number;
}

/** What half-open is decided by. */
export interface ProbeRules {
  readonly halfOpenCalls: number;
  readonly halfOpenSuccesses: number;
}

/** How a circuit begins. */
export const initial: Circuit = {
  state: 'closed',
  epoch: 0,
  openings: 0,
  openedAt: 0,
  until: 0,
  failure: undefined,
  taken: 0,
  succeeded: 0,
  failed: 0,
  isolations: 0,
};

/** What becomes of a call that comes in. */
export type Admission = 'call' | 'probe' | 'give-up' | 'refuse';

/** Decides on a call that comes in; `'give-up'` says that probes hang and the circuit is to open. */
export function admission(circuit: Circuit, halfOpenCalls: number, now: number): Admission {
  const { state, taken, until } = circuit;
  if (state === 'closed') return 'call';
  if (state === 'open' && now >= until) return 'probe';
  if (state !== 'half-open') return 'refuse';
  if (taken < halfOpenCalls) return 'probe';
  return now >= until ? 'give-up' : 'refuse';
}

/** Decides a half-open circuit, as soon as enough probes succeeded or enough of them no longer can. */
export function decision(circuit: Circuit, rules: ProbeRules): 'close' | 'open' | 'wait' {
  if (circuit.state !== 'half-open') return 'wait';
  if (circuit.succeeded >= rules.halfOpenSuccesses) return 'close';
  return circuit.failed > rules.halfOpenCalls - rules.halfOpenSuccesses ? 'open' : 'wait';
}

/** How a circuit opens. */
export interface Opening {
  readonly now: number;
  readonly openForMs: number;
  readonly failure: Outcome<unknown> | undefined;
}

/** Opens it. A probe that hung leaves the failure that had opened it before. */
export function opened(circuit: Circuit, { now, openForMs, failure }: Opening): Circuit {
  return {
    ...circuit,
    state: 'open',
    epoch: circuit.epoch + 1,
    openings: circuit.openings + 1,
    openedAt: now,
    until: now + openForMs,
    failure: failure ?? circuit.failure,
  };
}

/** Lets a probe in; the first one turns an open circuit half-open. */
export function probing(circuit: Circuit, until: number): Circuit {
  if (circuit.state === 'half-open') return { ...circuit, until, taken: circuit.taken + 1 };
  const epoch = circuit.epoch + 1;
  return { ...circuit, state: 'half-open', epoch, until, taken: 1, succeeded: 0, failed: 0 };
}

/** How a probe ended. */
export type ProbeEnd = 'success' | 'failure' | 'ignored';

/** Counts the end of a probe; an ignored one gives its permit back. */
export function probed(circuit: Circuit, end: ProbeEnd): Circuit {
  if (end === 'success') return { ...circuit, succeeded: circuit.succeeded + 1 };
  if (end === 'failure') return { ...circuit, failed: circuit.failed + 1 };
  return { ...circuit, taken: circuit.taken - 1 };
}

/** Closes it and forgets what has been. */
export function closed(circuit: Circuit): Circuit {
  return { ...initial, epoch: circuit.epoch + 1 };
}

/** Isolates it, or adds one more handle. */
export function isolated(circuit: Circuit): Circuit {
  const isolations = circuit.isolations + 1;
  if (circuit.state === 'isolated') return { ...circuit, isolations };
  return { ...initial, state: 'isolated', epoch: circuit.epoch + 1, isolations };
}

/** Takes a handle away; with the last one it closes. */
export function released(circuit: Circuit): Circuit {
  if (circuit.isolations > 1) return { ...circuit, isolations: circuit.isolations - 1 };
  return closed(circuit);
}

/** Forgets the calls that are in flight: a half-open circuit goes back to where probes may begin. */
export function forgotten(circuit: Circuit): Circuit {
  const epoch = circuit.epoch + 1;
  if (circuit.state !== 'half-open') return { ...circuit, epoch };
  return { ...circuit, state: 'open', epoch, until: circuit.openedAt };
}
