import {
  admitted,
  type EnterVerdict,
  type EventSource,
  type ExitVerdict,
  pass,
  type Policy,
  type Refusal,
  refused,
  replaced,
  type Run,
  systemClock,
} from '@holdfast/policy';
import { CircuitExecutor } from './circuit-executor.ts';
import type { CircuitBreakerEvents } from './events.ts';
import { HeldIsolation, type Isolation } from './isolation.ts';
import { judgeCut, judgeError, judgeValue } from './judgement.ts';
import type { CircuitMetrics } from './metrics.ts';
import {
  checkOptions,
  checkReconfiguration,
  type CircuitBreakerOptions,
  type CircuitConfigureOptions,
} from './options.ts';
import { type CircuitPermit, type PermitIssuer, TicketPermit } from './permit.ts';
import { CircuitRefusal, rejectionOf } from './rejection.ts';
import { settingsOf } from './settings.ts';
import { type CircuitState, forgotten, isolated, type ProbeEnd, released } from './state.ts';
import type { Ticket } from './ticket.ts';
import { counterOf } from './trip.ts';

/**
 * A policy that stops calling what keeps failing; made by {@link circuitBreaker}.
 *
 * @typeParam R - The results that its predicates understand.
 */
export interface CircuitBreaker<in R = unknown>
  extends Policy<never, R, CircuitBreakerEvents>,
    EventSource<CircuitBreakerEvents> {
  /** The state. An open circuit stays open until the first call after its break. */
  readonly state: CircuitState;
  /** A snapshot of the state, of the totals, and of how far each trip is. */
  readonly metrics: CircuitMetrics;
  /**
   * Asks to make one call, for code that cannot be wrapped in a function. Returns undefined when the
   * circuit lets no call in; `metrics.retryAfterMs` tells how long. Settle the permit in any case.
   *
   * @example
   * ```ts
   * const permit = breaker.tryAcquire();
   * if (permit === undefined) return cached;
   * socket.send(message, (error) => (error ? permit.fail(error) : permit.succeed()));
   * ```
   */
  tryAcquire(): CircuitPermit | undefined;
  /**
   * Isolates the circuit by hand: no call is let in until each handle has been released. What is in
   * flight goes on and does not count. Released, the circuit is closed and has forgotten all.
   */
  isolate(): Isolation;
  /** Closes an open or half-open circuit and forgets all it has counted. It ends no isolation. */
  reset(): void;
  /**
   * Changes the options that are given and keeps the others, the state and the counts, as far as the
   * new trips have use for them. An open circuit stays open for as long as it was told when it opened.
   * Disabled, it forgets the calls in flight.
   *
   * @throws `TypeError` or `RangeError` naming the option that cannot be used; then nothing changes.
   */
  configure(options: CircuitConfigureOptions<R>): void;
}

class CircuitBreakerPolicy<R>
  extends CircuitExecutor<R>
  implements CircuitBreaker<R>, PermitIssuer
{
  get kind(): string {
    return 'circuit-breaker';
  }

  refuse(): Refusal | undefined {
    if (this.circuit.state === 'closed') return undefined;
    const now = this.shutAt();
    if (now === undefined) return undefined;
    const refusal = new CircuitRefusal(this.name, this.circuit, now);
    this.countRejected(now);
    return refusal;
  }

  enter(run: Run, at: number): EnterVerdict {
    const { circuit, settings } = this;
    if (circuit.state !== 'closed' || !settings.isPlain) return this.enterSlowly(run, at);
    run.tickets[at] = circuit.epoch;
    return admitted;
  }

  private enterSlowly(run: Run, at: number): EnterVerdict {
    const { mode } = this.settings;
    run.tickets[at] = undefined;
    if (mode === 'disabled') return admitted;
    const now = run.time(this.clock);
    const ticket = this.admit(now);
    run.tickets[at] = ticket;
    if (ticket !== undefined || mode === 'shadow') return admitted;
    run.answer(false, rejectionOf(this.name, this.circuit, now));
    return refused;
  }

  success(run: Run, at: number, value: unknown): ExitVerdict {
    const { circuit, settings } = this;
    if (
      run.tickets[at] !== circuit.epoch ||
      circuit.state !== 'closed' ||
      settings.isFailure !== undefined
    ) {
      return this.succeedSlowly(run, at, value);
    }
    this.successes++;
    const now = settings.timesCalls ? run.endTime(this.clock) : 0;
    if (this.counter.success(now, 0)) this.trip({ ok: true, value });
    return pass;
  }

  private succeedSlowly(run: Run, at: number, value: unknown): ExitVerdict {
    const ticket = take(run, at);
    if (ticket === undefined) return pass;
    let end: ProbeEnd;
    try {
      end = judgeValue(this.settings.isFailure, value);
    } catch (error) {
      return this.answerThrown(run, ticket, error);
    }
    this.settleTicket(ticket, end, { ok: true, value });
    return pass;
  }

  failure(run: Run, at: number, error: unknown): ExitVerdict {
    const ticket = take(run, at);
    if (ticket === undefined) return pass;
    let end: ProbeEnd;
    try {
      end = judgeError(this.settings.isFailure, error, { run, at });
    } catch (thrown) {
      return this.answerThrown(run, ticket, thrown);
    }
    this.settleTicket(ticket, end, { ok: false, error });
    return pass;
  }

  cut(run: Run, at: number, reason: unknown): void {
    const ticket = take(run, at);
    if (ticket === undefined) return;
    let end: ProbeEnd = 'ignored';
    this.guard('isFailure', () => {
      end = judgeCut(this.settings.isFailure, reason, { run, at });
    });
    this.settleTicket(ticket, end, { ok: false, error: reason });
  }

  private answerThrown(run: Run, ticket: Ticket, error: unknown): ExitVerdict {
    this.settleTicket(ticket, 'ignored', undefined);
    run.answer(false, error);
    return replaced;
  }

  tryAcquire(): CircuitPermit | undefined {
    const { mode } = this.settings;
    if (mode === 'disabled') return new TicketPermit(this, undefined);
    const shutAt = this.shutAt();
    if (shutAt !== undefined) {
      this.countRejected(shutAt);
      return undefined;
    }
    const ticket = this.admit(
      this.settings.isPlain && this.state === 'closed' ? 0 : this.clock.now(),
    );
    if (ticket === undefined && mode === 'enforce') return undefined;
    return new TicketPermit(this, ticket);
  }

  isolate(): Isolation {
    this.circuit = isolated(this.circuit);
    this.tellChange('isolated', { isolations: this.circuit.isolations });
    return new HeldIsolation(() => this.release());
  }

  private release(): void {
    this.circuit = released(this.circuit);
    const { isolations } = this.circuit;
    if (isolations === 0) this.counter.reset();
    this.tellChange('released', { isolations });
    if (isolations === 0) this.tellChange('closed', { reason: 'released' });
  }

  reset(): void {
    if (this.state === 'isolated') return;
    if (this.state === 'closed') this.counter.reset();
    else this.close('reset');
  }

  configure(options: CircuitConfigureOptions<R>): void {
    checkReconfiguration(options);
    const former = this.settings;
    const settings = settingsOf(options, former);
    if (settings.trips !== former.trips) {
      this.counter = counterOf(settings.trips, { trips: former.trips, counter: this.counter });
    }
    this.settings = settings;
    if (settings.mode === 'disabled' && former.mode !== 'disabled') {
      this.circuit = forgotten(this.circuit);
    }
    this.decide(this.circuit.failure);
  }

  protected described(): Readonly<Record<string, unknown>> {
    return this.settings.described();
  }
}

/** Takes the ticket from a call: it is settled once. */
function take(run: Run, at: number): Ticket | undefined {
  const ticket = run.tickets[at] as Ticket | undefined;
  run.tickets[at] = undefined;
  return ticket;
}

/**
 * Stops calling what keeps failing. Calls go through while the circuit is closed; when too many fail
 * it opens, and calls are rejected at once with a {@link CircuitOpenError}. After a break it is
 * half-open: a few calls probe whether all is well again, and close or open it.
 *
 * The caller's own abort counts as neither failure nor success, and a call that ends after the state
 * has changed does not touch the new one. A timeout outside the breaker is a failure, at the moment
 * it strikes.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const breaker = circuitBreaker({ failureRatio: 0.5, windowMs: 10_000, halfOpenAfterMs: 5_000 });
 *
 * const stock = await breaker.execute(({ signal }) => readStock('sku-1', { signal }));
 * ```
 */
export function circuitBreaker<R = unknown>(
  options: CircuitBreakerOptions<R> = {},
): CircuitBreaker<R> {
  checkOptions(options);
  const { name = 'circuit-breaker', clock = systemClock } = options;
  return new CircuitBreakerPolicy<R>(name, clock, settingsOf(options));
}
