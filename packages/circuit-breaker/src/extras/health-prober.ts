import { AsyncResource } from 'node:async_hooks';
import {
  type Clock,
  type ClockTimer,
  milliseconds,
  runGuarded,
  TimeoutError,
  withoutStack,
} from '@holdfast/policy';
import type { BreakDuration } from '../break-duration.ts';
import type { Circuit } from '../state.ts';
import type { HealthCheck } from './health-probe.ts';

/** The breaker, as its health probe sees it. */
export interface ProbeHost {
  readonly name: string;
  readonly clock: Clock;
  readonly circuit: Circuit;
  /** Whether its break goes on. */
  readonly isBroken: boolean;
  /** All is well: lets probes go from now on. */
  endBreak(): void;
  tellExtra(event: 'health-checked', details: Readonly<Record<string, unknown>>): void;
}

/** What a prober goes by. */
export interface ProbeRoutine {
  readonly check: HealthCheck;
  readonly initialMs: number;
  readonly interval: BreakDuration;
  readonly timeoutMs: number;
}

/** A check that is under way. */
class RunningCheck {
  readonly epoch: number;
  readonly attempt: number;
  readonly startedAt: number;
  readonly controller: AbortController = new AbortController();
  readonly ended: PromiseWithResolvers<void> = Promise.withResolvers();
  timer: ClockTimer | undefined = undefined;
  isTimedOut = false;

  constructor(epoch: number, attempt: number, startedAt: number) {
    this.epoch = epoch;
    this.attempt = attempt;
    this.startedAt = startedAt;
  }
}

/**
 * Checks the health of what is called for as long as a break goes on: one check at a time, each a
 * while after the former has ended. Its timers keep neither the process nor the breaker alive.
 */
export class HealthProber {
  private readonly host: WeakRef<ProbeHost>;
  private readonly clock: Clock;
  private readonly routine: ProbeRoutine;
  /** Checks run in the async context in which the breaker was made, not in that of some call. */
  private readonly scope: AsyncResource = new AsyncResource('holdfast');
  private timer: ClockTimer | undefined = undefined;
  private running: RunningCheck | undefined = undefined;
  /** The epoch of the break that it looks at; -1 while there is none. */
  private epoch = -1;
  private attempt = 0;
  private hasEnded = false;

  constructor(host: ProbeHost, routine: ProbeRoutine) {
    this.host = new WeakRef(host);
    this.clock = host.clock;
    this.routine = routine;
  }

  /** The circuit is another one. */
  circuitChanged(): void {
    const host = this.host.deref();
    if (host === undefined || this.hasEnded) return;
    const epoch = host.isBroken ? host.circuit.epoch : -1;
    if (epoch === this.epoch) return;
    this.stop();
    this.epoch = epoch;
    this.attempt = 0;
    if (epoch !== -1 && this.running === undefined) this.schedule(host);
  }

  private stop(): void {
    this.epoch = -1;
    this.timer?.cancel();
    this.timer = undefined;
    const { running } = this;
    if (running === undefined) return;
    running.timer?.cancel();
    running.controller.abort();
  }

  private schedule(host: ProbeHost): void {
    const delayMs = this.delayBefore(this.attempt + 1, host.name);
    // After the break the next call probes by itself.
    if (this.clock.now() + delayMs >= host.circuit.until) return;
    this.timer = this.clock.setTimeout(() => this.begin(), delayMs);
    this.timer.unref();
  }

  /** The function that chance comes from is the user's: it may throw, or answer nonsense. */
  private delayBefore(attempt: number, policy: string): number {
    let delayMs = this.routine.initialMs;
    runGuarded(
      () => {
        const told = this.routine.interval({ openings: attempt, outcome: undefined });
        delayMs = milliseconds('the time before a check', told);
      },
      { kind: 'circuit-breaker', event: 'healthProbe', policy },
    );
    return delayMs;
  }

  private begin(): void {
    this.timer = undefined;
    if (this.host.deref() === undefined) return;
    this.attempt++;
    const running = new RunningCheck(this.epoch, this.attempt, this.clock.now());
    this.running = running;
    running.timer = this.clock.setTimeout(() => this.timeOut(running), this.routine.timeoutMs);
    running.timer.unref();
    this.call(running).then(
      (answer) => this.settled(running, answer !== false, undefined),
      (error: unknown) => this.settled(running, false, error),
    );
  }

  private call({ attempt, controller }: RunningCheck): Promise<unknown> {
    const { check } = this.routine;
    const context = { signal: controller.signal, attempt };
    return this.scope.runInAsyncScope(async () => await check(context));
  }

  private timeOut(running: RunningCheck): void {
    const { timeoutMs } = this.routine;
    const options = { timeoutMs, started: true, policy: this.host.deref()?.name };
    const message = `the health check did not end within ${timeoutMs} ms`;
    const error = withoutStack(() => new TimeoutError(message, options));
    running.isTimedOut = true;
    running.controller.abort(error);
    this.tell(running, false, error);
  }

  private settled(running: RunningCheck, ok: boolean, error: unknown): void {
    running.timer?.cancel();
    this.running = undefined;
    running.ended.resolve();
    const isPresent = running.epoch === this.epoch;
    if (isPresent && !running.isTimedOut) this.tell(running, ok, error);
    const host = this.host.deref();
    // A listener may have changed the circuit, and with it the break.
    if (host === undefined || this.epoch === -1 || this.timer !== undefined) return;
    if (ok && running.epoch === this.epoch && !running.isTimedOut) host.endBreak();
    else this.schedule(host);
  }

  private tell({ attempt, startedAt }: RunningCheck, ok: boolean, error: unknown): void {
    const durationMs = this.clock.now() - startedAt;
    this.host.deref()?.tellExtra('health-checked', { ok, attempt, durationMs, error });
  }

  /** Checks no more; resolves when a check that is under way has ended. */
  end(): Promise<void> {
    this.hasEnded = true;
    this.stop();
    return this.running?.ended.promise ?? Promise.resolve();
  }
}
