import {
  admitted,
  type EnterVerdict,
  type Outcome,
  parked,
  refused,
  type Run,
  TimeoutError,
  withoutStack,
} from '@holdfast/policy';
import type { CircuitBreaker } from '../circuit-breaker.ts';
import { CircuitBreakerPolicy } from '../circuit-policy.ts';
import type { ClosedReason } from '../events.ts';
import type { CircuitMetrics } from '../metrics.ts';
import type {
  CircuitBreakerOptions,
  CircuitConfigureOptions,
  ReconfigureRules,
} from '../options.ts';
import { admission, type Circuit, initial, type ProbeEnd, probed } from '../state.ts';
import { epochOf, type Ticket } from '../ticket.ts';
import { type ExtraEvent, extraTopics } from './extra-topics.ts';
import type { HealthProbe } from './health-probe.ts';
import type { HealthProber, ProbeHost } from './health-prober.ts';
import type { ProbeWaiting } from './probe-waiting.ts';
import type { Ramp } from './ramp.ts';
import type { RampProgress } from './ramp-progress.ts';
import type { WaitingCall } from './waiting-call.ts';
import type { WaitHost, WaitingRoom } from './waiting-room.ts';

/**
 * A breaker with abilities that only few need. What each of them does is in its own files; here is
 * where they meet the circuit. A breaker without any is not of this class, and does not pay for it.
 */
export class ExtendedBreaker<R>
  extends CircuitBreakerPolicy<R>
  implements CircuitBreaker<R>, WaitHost, ProbeHost, Disposable, AsyncDisposable
{
  private readonly ramp: Ramp | undefined;
  private readonly room: WaitingRoom | undefined;
  private readonly prober: HealthProber | undefined;
  private readonly extras: Readonly<Record<string, unknown>>;
  private progress: RampProgress | undefined = undefined;

  constructor(options: CircuitBreakerOptions<R>) {
    super(options);
    const whenProbing = options.whenProbing as ProbeWaiting | undefined;
    const healthProbe = options.healthProbe as HealthProbe | undefined;
    const ramp = options.ramp as Ramp | undefined;
    this.ramp = ramp;
    this.room = whenProbing?.makeRoom(this);
    this.prober = healthProbe?.makeProber(this);
    this.extras = Object.fromEntries(
      [whenProbing, ramp, healthProbe].flatMap((each) =>
        each === undefined ? [] : [[each.extra, each.options]],
      ),
    );
  }

  override get metrics(): CircuitMetrics {
    const share = this.isRamping ? this.progress?.share(this.clock.now()) : undefined;
    return {
      ...super.metrics,
      admittedShare: share === undefined ? undefined : Math.min(1, share),
      queued: this.room?.size,
    };
  }

  override become(circuit: Circuit): void {
    super.become(circuit);
    this.room?.circuitChanged();
    this.prober?.circuitChanged();
  }

  override configure(options: CircuitConfigureOptions<R>, rules?: ReconfigureRules): void {
    super.configure(options, rules);
    this.room?.circuitChanged();
    this.prober?.circuitChanged();
  }

  protected override described(): Readonly<Record<string, unknown>> {
    return { ...super.described(), ...this.extras };
  }

  // --- The ramp -----------------------------------------------------------------------------------

  private get isRamping(): boolean {
    return this.progress !== undefined && this.progress.epoch === this.circuit.epoch;
  }

  /** A ramp that is over ends with the next call: until then it does not matter. */
  override mattersForMs(): number {
    const { progress } = this;
    const isRamping = progress !== undefined && this.isRamping;
    return isRamping ? progress.leftMs(this.clock.now()) : super.mattersForMs();
  }

  override admit(now: number): Ticket | undefined {
    const { progress } = this;
    if (progress === undefined || !this.isRamping) return super.admit(now);
    if (progress.share(now) < 1) return progress.admits(now) ? this.ticket(now) : undefined;
    this.endRamp();
    return super.admit(now);
  }

  protected override close(reason: ClosedReason): void {
    if (reason !== 'probes-succeeded' || this.ramp === undefined) super.close(reason);
    else this.beginRamp(this.ramp);
  }

  private beginRamp(ramp: Ramp): void {
    const { circuit } = this;
    const epoch = circuit.epoch + 1;
    this.counter.reset();
    this.progress = ramp.begin(epoch, this.clock.now());
    this.become({ ...circuit, epoch, until: Infinity, taken: 0, succeeded: 0, failed: 0 });
    this.tellExtra('ramp-started', ramp.options);
  }

  /** Closes the circuit: what is in flight, and what has been counted, goes on to count. */
  private endRamp(): void {
    this.progress = undefined;
    this.become({ ...initial, epoch: this.circuit.epoch });
    this.tellChange('closed', { reason: 'ramp-ended' });
  }

  protected override settleProbe(
    ticket: Ticket,
    end: ProbeEnd,
    outcome: Outcome<unknown> | undefined,
  ): void {
    if (this.isRamping) this.count(ticket, end, outcome);
    else super.settleProbe(ticket, end, outcome);
  }

  // --- Waiting for the probes -----------------------------------------------------------------------

  get isProbing(): boolean {
    const isHalfOpen = this.circuit.state === 'half-open' && !this.isRamping;
    return isHalfOpen && this.settings.mode === 'enforce';
  }

  get hasPermit(): boolean {
    return this.circuit.taken < this.settings.halfOpenCalls;
  }

  giveUpOnProbes(now: number): void {
    const { circuit, settings } = this;
    if (admission(circuit, settings.halfOpenCalls, now) !== 'give-up') return;
    this.open('probe-hung', now, undefined);
  }

  protected override turnAway(run: Run, at: number, now: number): EnterVerdict {
    const { room } = this;
    if (room === undefined || !this.isProbing || room.isFull) return super.turnAway(run, at, now);
    const { deadline } = run;
    if (deadline !== undefined && deadline <= now) return this.turnAwayLate(run, now, now);
    run.tickets[at] = room.add(run, at, now);
    this.tellExtra('queued', { queued: room.size });
    return parked;
  }

  woken(run: Run, at: number): 0 | 2 {
    const call = run.tickets[at] as WaitingCall;
    run.tickets[at] = undefined;
    const now = this.clock.now();
    const { deadline } = run;
    if (call.state === 'too-late' || (deadline !== undefined && deadline <= now)) {
      this.giveBack(call);
      return this.turnAwayLate(run, now, call.since);
    }
    if (call.state === 'expired') return super.turnAway(run, at, now) as 0 | 2;
    const { settings } = this;
    if (settings.mode !== 'disabled') {
      const ticket = this.isValid(call.permit) ? call.permit : this.admit(now);
      if (ticket === undefined) return super.turnAway(run, at, now) as 0 | 2;
      run.tickets[at] = ticket;
    }
    this.tellWaited('dequeued', now - call.since);
    return admitted;
  }

  unpark(run: Run, at: number): void {
    const call = run.tickets[at] as WaitingCall;
    run.tickets[at] = undefined;
    if (call.state === 'waiting') this.room?.remove(call);
    else this.giveBack(call);
    this.tellWaited('abandoned', this.clock.now() - call.since);
  }

  private isValid(permit: Ticket | undefined): boolean {
    return permit !== undefined && epochOf(permit) === this.circuit.epoch;
  }

  /** Gives the permit of a call that makes no use of it to the next one. */
  private giveBack({ permit }: WaitingCall): void {
    if (this.isValid(permit)) this.become(probed(this.circuit, 'ignored'));
  }

  private turnAwayLate(run: Run, now: number, since: number): typeof refused {
    const message = `the deadline passed before the probes of "${this.name}" had decided`;
    const options = { timeoutMs: now - since, started: run.ranBefore, policy: this.name };
    this.countRejected(now);
    run.answer(
      false,
      withoutStack(() => new TimeoutError(message, options)),
    );
    return refused;
  }

  private tellWaited(event: 'dequeued' | 'abandoned', waitedMs: number): void {
    this.tellExtra(event, { queued: this.room?.size ?? 0, waitedMs });
  }

  // --- The health probe ------------------------------------------------------------------------------

  get isBroken(): boolean {
    const { circuit, settings } = this;
    if (circuit.state !== 'open' || settings.mode === 'disabled') return false;
    return this.clock.now() < circuit.until;
  }

  endBreak(): void {
    this.become({ ...this.circuit, until: this.clock.now() });
  }

  [Symbol.dispose](): void {
    void this.prober?.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.prober?.end();
  }

  /** Tells an event that a plain breaker does not have. */
  tellExtra(event: ExtraEvent, details: Readonly<Record<string, unknown>>): void {
    const topic = extraTopics[event];
    if (this.isHeard(topic)) this.tell(topic, { ...details, mode: this.settings.mode });
  }
}
