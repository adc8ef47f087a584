import {
  type Clock,
  runGuarded,
  LayeredPolicy,
  milliseconds,
  type Outcome,
  recentTime,
  systemClock,
} from '@holdfast/policy';
import {
  type CircuitBreakerEvents,
  type ClosedReason,
  type OpenedReason,
  type PlainEvent,
  topics,
} from './events.ts';
import type { CircuitMetrics } from './metrics.ts';
import { retryAfter } from './rejection.ts';
import type { CircuitBreakerOptions } from './options.ts';
import { defaultBreakMs, type Settings, settingsOf } from './settings.ts';
import {
  admission,
  type Circuit,
  type CircuitState,
  closed,
  decision,
  initial,
  opened,
  type ProbeEnd,
  probed,
  probing,
} from './state.ts';
import { durationOf, epochOf, type Ticket, TimedTicket } from './ticket.ts';
import { counterOf, readings, type TripCounter } from './trip.ts';

/** Puts into effect what `state.ts` and the trips decide: clock, counts and events are here. */
export abstract class CircuitExecutor<R> extends LayeredPolicy<never, R, CircuitBreakerEvents> {
  override readonly clock: Clock;
  settings: Settings;
  circuit: Circuit = initial;
  counter: TripCounter;
  /** The epoch of a closed circuit that lets calls in without ado; else -1. Calls look at this alone. */
  protected plainEpoch: number;
  /** The same, if a success needs no judgement either; else -1. */
  protected countedEpoch: number;
  /** A success is counted by its time. */
  protected timesCalls: boolean;
  /** No call can come in before `shutUntil`, as is plain at a glance. */
  protected isShut: boolean = false;
  protected shutUntil: number = Number.NEGATIVE_INFINITY;
  protected successes: number = 0;
  private failures: number = 0;
  private ignored: number = 0;
  private rejected: number = 0;

  constructor(options: CircuitBreakerOptions<R>) {
    super(options.name ?? 'circuit-breaker');
    this.clock = options.clock ?? systemClock;
    this.settings = settingsOf(options);
    this.counter = counterOf(this.settings.trips);
    this.plainEpoch = this.countedEpoch = -1;
    this.timesCalls = false;
    this.look();
  }

  get state(): CircuitState {
    return this.circuit.state;
  }

  get metrics(): CircuitMetrics {
    const { circuit, successes, failures, ignored, rejected } = this;
    const now = this.clock.now();
    return {
      state: circuit.state,
      mode: this.settings.mode,
      trips: readings(this.counter, now),
      successes,
      failures,
      ignored,
      rejected,
      openings: circuit.openings,
      openedAt: circuit.openings === 0 ? undefined : circuit.openedAt,
      retryAfterMs: retryAfter(circuit, now),
      lastFailure: circuit.failure,
      isolations: circuit.isolations,
    };
  }

  /** Lets a call in and gives it a ticket, or returns undefined: then somebody has to count it. */
  admit(now: number): Ticket | undefined {
    const verdict = admission(this.circuit, this.settings.halfOpenCalls, now);
    if (verdict === 'probe') return this.admitProbe(now);
    if (verdict === 'call') return this.ticket(now);
    if (verdict === 'give-up') this.open('probe-hung', now, undefined);
    return undefined;
  }

  /**
   * Whether no call can come in now, as is plain at a glance; undefined if it is not. What is open
   * may be looked at with a reading of the clock that is some microseconds old.
   */
  protected shutAt(): number | undefined {
    if (!this.isShut) return undefined;
    const now = recentTime(this.clock);
    return now < this.shutUntil ? now : undefined;
  }

  protected countRejected(now: number): void {
    const { circuit } = this;
    this.rejected++;
    if (!this.isHeard(topics.rejected)) return;
    this.tellChange('rejected', { state: circuit.state, retryAfterMs: retryAfter(circuit, now) });
  }

  /** Puts another circuit in place of this one. */
  become(circuit: Circuit): void {
    this.circuit = circuit;
    this.look();
  }

  /** Puts other settings in place of these. */
  protected set(settings: Settings): void {
    this.settings = settings;
    this.look();
  }

  /** Works out what calls are to look at. */
  private look(): void {
    const { state, epoch, until } = this.circuit;
    const { isPlain, isFailure, mode, timesCalls } = this.settings;
    this.plainEpoch = state === 'closed' && isPlain ? epoch : -1;
    this.countedEpoch = isFailure === undefined ? this.plainEpoch : -1;
    this.timesCalls = timesCalls;
    this.isShut = mode === 'enforce' && (state === 'open' || state === 'isolated');
    this.shutUntil = state === 'isolated' ? Number.POSITIVE_INFINITY : until;
  }

  private admitProbe(now: number): Ticket {
    const isFirst = this.circuit.state === 'open';
    this.become(probing(this.circuit, now + this.settings.probeTimeoutMs));
    // A listener may change the circuit: the permit is taken, and belongs to this epoch, before.
    const ticket = this.ticket(now);
    if (isFirst) this.tellChange('half-opened', {});
    return ticket;
  }

  protected ticket(now: number): Ticket {
    const { epoch } = this.circuit;
    return this.settings.slowCallMs === Infinity ? epoch : new TimedTicket(epoch, now);
  }

  /** Settles a call. One that an earlier state admitted touches nothing but the totals. */
  settleTicket(ticket: Ticket, end: ProbeEnd, outcome: Outcome<unknown> | undefined): void {
    if (end === 'success') this.successes++;
    else if (end === 'failure') this.failures++;
    else this.ignored++;
    const { circuit } = this;
    if (epochOf(ticket) !== circuit.epoch) return;
    if (circuit.state === 'closed') this.count(ticket, end, outcome);
    else if (circuit.state === 'half-open') this.settleProbe(ticket, end, outcome);
  }

  protected count(ticket: Ticket, end: ProbeEnd, outcome: Outcome<unknown> | undefined): void {
    if (end === 'ignored') return;
    const { counter, clock, settings } = this;
    const isFailure = end === 'failure';
    let now = 0;
    if (isFailure) now = settings.timesFailures ? clock.now() : 0;
    else if (settings.timesCalls) now = recentTime(clock);
    const duration = durationOf(ticket, now);
    const trips = isFailure ? counter.failure(now, duration) : counter.success(now, duration);
    if (trips) this.trip(outcome);
  }

  /** Opens the circuit because a trip said so. */
  protected trip(outcome: Outcome<unknown> | undefined): void {
    this.open('tripped', this.clock.now(), outcome);
  }

  protected settleProbe(
    ticket: Ticket,
    end: ProbeEnd,
    outcome: Outcome<unknown> | undefined,
  ): void {
    const { slowCallMs } = this.settings;
    const isSlow = slowCallMs !== Infinity && durationOf(ticket, this.clock.now()) >= slowCallMs;
    this.become(probed(this.circuit, end === 'success' && isSlow ? 'failure' : end));
    this.decide(outcome);
  }

  /** Closes or opens a half-open circuit, if its probes say so by now. */
  protected decide(outcome: Outcome<unknown> | undefined): void {
    const next = decision(this.circuit, this.settings);
    if (next === 'close') this.close('probes-succeeded');
    else if (next === 'open') this.open('probe-failed', this.clock.now(), outcome);
  }

  protected open(reason: OpenedReason, now: number, outcome: Outcome<unknown> | undefined): void {
    const before = this.circuit;
    const openings = before.openings + 1;
    const openForMs = this.breakFor(openings, outcome);
    // The function that tells the break is the user's: it may have changed the circuit.
    if (this.circuit !== before) return;
    this.become(opened(before, { now, openForMs, failure: outcome }));
    if (!this.isHeard(topics.opened)) return;
    const trips = readings(this.counter, now);
    this.tellChange('opened', { reason, outcome, openForMs, openings, trips });
  }

  private breakFor(openings: number, outcome: Outcome<unknown> | undefined): number {
    const { halfOpenAfterMs } = this.settings;
    if (typeof halfOpenAfterMs === 'number') return halfOpenAfterMs;
    let told = defaultBreakMs;
    this.guard('halfOpenAfterMs', () => {
      told = milliseconds('halfOpenAfterMs()', halfOpenAfterMs({ openings, outcome }));
    });
    return told;
  }

  /** Runs a function of the user's where there is nobody to throw to. */
  protected guard(name: string, callback: () => void): void {
    runGuarded(callback, { kind: this.kind, event: name, policy: this.name });
  }

  protected close(reason: ClosedReason): void {
    this.become(closed(this.circuit));
    this.counter.reset();
    this.tellChange('closed', { reason });
  }

  tellChange(event: PlainEvent, details: Readonly<Record<string, unknown>>): void {
    if (!this.isHeard(topics[event])) return;
    this.tell(topics[event], { ...details, mode: this.settings.mode });
  }
}
