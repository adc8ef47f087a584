import {
  admitted,
  type EnterVerdict,
  type ExitVerdict,
  type Outcome,
  pass,
  recentTime,
  type Refusal,
  refused,
  replaced,
  type Run,
} from '@holdfast/policy';
import type { CircuitBreaker } from './circuit-breaker.ts';
import { CircuitExecutor } from './circuit-executor.ts';
import { HeldIsolation, type Isolation } from './isolation.ts';
import { judgeCut, judgeEnd } from './judgement.ts';
import {
  type CircuitConfigureOptions,
  checkReconfiguration,
  keepsOthers,
  type ReconfigureRules,
} from './options.ts';
import { type CircuitPermit, type PermitIssuer, TicketPermit } from './permit.ts';
import { CircuitRefusal, rejectionOf } from './rejection.ts';
import { described, settingsOf } from './settings.ts';
import { forgotten, isolated, type ProbeEnd, released } from './state.ts';
import type { Ticket } from './ticket.ts';
import { counterOf } from './trip.ts';

/** A circuit breaker as the engine sees it. */
export class CircuitBreakerPolicy<R>
  extends CircuitExecutor<R>
  implements CircuitBreaker<R>, PermitIssuer
{
  get kind(): string {
    return 'circuit-breaker';
  }

  refuse(): Refusal | undefined {
    const now = this.shutAt();
    if (now === undefined) return undefined;
    const refusal = new CircuitRefusal(this, this.circuit);
    this.countRejected(now);
    return refusal;
  }

  enter(run: Run, at: number): EnterVerdict {
    const { plainEpoch } = this;
    if (plainEpoch < 0) return this.enterSlowly(run, at);
    run.tickets[at] = plainEpoch;
    return admitted;
  }

  private enterSlowly(run: Run, at: number): EnterVerdict {
    run.tickets[at] = undefined;
    if (this.settings.mode === 'disabled') return admitted;
    const now = run.time(this.clock);
    const ticket = this.admit(now);
    run.tickets[at] = ticket;
    return ticket === undefined ? this.turnAway(run, at, now) : admitted;
  }

  /** Answers a call that gets no ticket. */
  protected turnAway(run: Run, _at: number, now: number): EnterVerdict {
    this.countRejected(now);
    if (this.settings.mode === 'shadow') return admitted;
    run.answer(false, rejectionOf(this.name, this.circuit, now));
    return refused;
  }

  success(run: Run, at: number, value: unknown): ExitVerdict {
    if (run.tickets[at] !== this.countedEpoch) return this.settleCall(run, at, true, value);
    this.successes++;
    const now = this.timesCalls ? recentTime(this.clock) : 0;
    if (this.counter.success(now, 0)) this.trip({ ok: true, value });
    return pass;
  }

  failure(run: Run, at: number, error: unknown): ExitVerdict {
    return this.settleCall(run, at, false, error);
  }

  private settleCall(run: Run, at: number, ok: boolean, value: unknown): ExitVerdict {
    const ticket = take(run, at);
    if (ticket === undefined) return pass;
    const outcome: Outcome<unknown> = ok ? { ok, value } : { ok, error: value };
    let end: ProbeEnd;
    try {
      end = judgeEnd(this.settings.isFailure, outcome, { run, at });
    } catch (thrown) {
      this.settleTicket(ticket, 'ignored', undefined);
      run.answer(false, thrown);
      return replaced;
    }
    this.settleTicket(ticket, end, outcome);
    return pass;
  }

  cut(run: Run, at: number, reason: unknown): void {
    const ticket = take(run, at);
    if (ticket === undefined) return;
    const outcome = { ok: false, error: reason } as const;
    let end: ProbeEnd = 'ignored';
    this.guard('isFailure', () => {
      end = judgeCut(this.settings.isFailure, outcome, { run, at });
    });
    this.settleTicket(ticket, end, outcome);
  }

  tryAcquire(): CircuitPermit | undefined {
    const shutAt = this.shutAt();
    if (shutAt === undefined) return this.acquire();
    this.countRejected(shutAt);
    return undefined;
  }

  private acquire(): CircuitPermit | undefined {
    const { mode } = this.settings;
    if (mode === 'disabled') return new TicketPermit(this, undefined);
    const now = this.plainEpoch < 0 ? this.clock.now() : 0;
    const ticket = this.admit(now);
    if (ticket === undefined) {
      this.countRejected(now);
      if (mode === 'enforce') return undefined;
    }
    return new TicketPermit(this, ticket);
  }

  isolate(): Isolation {
    this.become(isolated(this.circuit));
    this.tellChange('isolated', { isolations: this.circuit.isolations });
    return new HeldIsolation(() => this.release());
  }

  private release(): void {
    this.become(released(this.circuit));
    const { isolations } = this.circuit;
    if (isolations === 0) this.counter.reset();
    this.tellChange('released', { isolations });
    if (isolations === 0) this.tellChange('closed', { reason: 'released' });
  }

  mattersForMs(): number {
    const { state, until } = this.circuit;
    if (state === 'isolated') return Number.POSITIVE_INFINITY;
    return state === 'closed' ? 0 : Math.max(0, until - this.clock.now());
  }

  reset(): void {
    if (this.state === 'isolated') return;
    if (this.state === 'closed') this.counter.reset();
    else this.close('reset');
  }

  configure(options: CircuitConfigureOptions<R>, rules: ReconfigureRules = {}): void {
    checkReconfiguration(options);
    const former = this.settings;
    const settings = settingsOf(options, former, keepsOthers(rules));
    if (settings.trips !== former.trips) {
      this.counter = counterOf(settings.trips, { trips: former.trips, counter: this.counter });
    }
    this.set(settings);
    if (settings.mode === 'disabled' && former.mode !== 'disabled') {
      this.become(forgotten(this.circuit));
    }
    this.decide(this.circuit.failure);
  }

  protected described(): Readonly<Record<string, unknown>> {
    return described(this.settings);
  }
}

/** Takes the ticket from a call: it is settled once. */
function take(run: Run, at: number): Ticket | undefined {
  const ticket = run.tickets[at] as Ticket | undefined;
  run.tickets[at] = undefined;
  return ticket;
}
