import { EventEmitter } from 'node:events';
import { invalidOption } from '@holdfast/policy';
import type * as bucket from './bucket.ts';
import { Core } from './core.ts';
import { emitGuarded } from './emit-guarded.ts';
import { BreakerShutdownError, isOpossumError } from './errors.ts';
import type { EventName, Events } from './events.ts';
import type { FallbackFunction } from './fall-back.ts';
import { HealthChecks } from './health-checks.ts';
import { invoke } from './invoke.ts';
import type * as options from './options.ts';
import type { ResolvedOptions } from './resolve-options.ts';
import * as status from './status.ts';

/** What may answer in place of the action: a function, or another breaker, of opossum too. */
type Fallback = ((...args: never[]) => unknown) | { fire(...args: never[]): Promise<unknown> };

/**
 * The class of opossum 10 with the policies of Holdfast underneath: change the import and nothing else.
 * `docs/migrating/opossum.md` lists what it does otherwise, and how to move on to those policies.
 *
 * It is an emitter of `node:events`, as there. What a listener throws is reported as a process warning,
 * and changes nothing.
 *
 * @typeParam TI - The arguments of the action.
 * @typeParam TR - What the action returns.
 *
 * @example
 * ```ts
 * const breaker = new CircuitBreaker(readStock, { timeout: 3_000, resetTimeout: 30_000 });
 * breaker.fallback(() => 0);
 *
 * const stock = await breaker.fire('sku-1');
 * ```
 */
export class CircuitBreaker<TI extends unknown[] = unknown[], TR = unknown> extends EventEmitter {
  /** Whether a breaker made the error, and not the action. */
  static isOurError(error: unknown): boolean {
    return isOpossumError(error);
  }

  /**
   * Makes a status, for a breaker that is to go on from former counts.
   *
   * @throws `TypeError` or `RangeError` naming the option that cannot be used.
   */
  static newStatus(statusOptions: options.StatusOptions): status.Status {
    return new status.Status(statusOptions);
  }

  private readonly core: Core;
  private readonly checks: HealthChecks;

  /** @throws `TypeError` or `RangeError` naming what cannot be used. */
  constructor(action: (...args: TI) => Promise<TR>, given: options.Options<TI> = {}) {
    super();
    if (!action) throw invalidOption('action', 'a function', action, TypeError);
    this.core = new Core(action, given, (event, ...args) => {
      this.emit(event, ...args);
    });
    this.checks = new HealthChecks(this, (error) => {
      this.emit('healthCheckFailed', error);
      this.open();
    });
    if (given.state?.shutdown === true) this.shutdown();
    if (given.maxFailures !== undefined) {
      process.emitWarning(
        'The option maxFailures has no effect; use errorThresholdPercentage.',
        'DeprecationWarning',
      );
    }
  }

  /** Its options with their defaults: a frozen copy of those that were given. */
  get options(): ResolvedOptions {
    return this.core.options;
  }

  /** The name of the breaker. */
  get name(): string {
    return this.core.name;
  }

  /** The name of the group of breakers that it belongs to. */
  get group(): string {
    return this.core.group;
  }

  /** Whether it guards its calls. */
  get enabled(): boolean {
    return this.core.isEnabled;
  }

  /** Whether it is half-open and waits for the call that is to show whether all is well. */
  get pendingClose(): boolean {
    return this.core.circuit.isPending;
  }

  /** Whether the circuit is closed. */
  get closed(): boolean {
    return !this.isShutdown && this.core.circuit.isClosed;
  }

  /** Whether the circuit is open. */
  get opened(): boolean {
    return !this.isShutdown && this.core.circuit.isOpen;
  }

  /** Whether the circuit is half-open. */
  get halfOpen(): boolean {
    return !this.isShutdown && this.core.circuit.isHalfOpen;
  }

  /** Whether the breaker has been shut down. */
  get isShutdown(): boolean {
    return this.core.isShutdown;
  }

  /** The counts of the breaker, slice by slice. */
  get status(): status.Status {
    return this.core.status;
  }

  /** The counts of the whole window. */
  get stats(): bucket.Stats {
    return this.core.status.stats;
  }

  /** Whether failures do not open the circuit yet. */
  get warmUp(): boolean {
    return this.core.isWarmingUp;
  }

  /** How many calls must be in the window before a failure may open the circuit. */
  get volumeThreshold(): number {
    return this.core.options.volumeThreshold;
  }

  /** Tells where it stands, to go on from there: `new CircuitBreaker(action, { state })`. */
  toJSON(): {
    /** What to go on from. */
    state: options.State;
    /** The counts of the window. */
    status: bucket.Stats;
  } {
    const { name, enabled, closed, opened, halfOpen, warmUp, isShutdown } = this;
    const { openedAt: lastTimerAt } = this.core.circuit;
    const rest = { halfOpen, warmUp, shutdown: isShutdown, lastTimerAt };
    return { state: { name, enabled, closed, open: opened, ...rest }, status: this.stats };
  }

  /**
   * Calls the action with these arguments. Never throws: whatever fails, the promise rejects.
   *
   * @throws The error of the action; or one with the code `EOPENBREAKER`, `ETIMEDOUT`, `ESEMLOCKED` or
   * `ESHUTDOWN`. With a fallback, what that throws.
   */
  fire(...args: TI): Promise<TR> {
    return this.call(this.core.action, ...args);
  }

  /** Does the same with `context` as the action's `this`. */
  call(context: unknown, ...args: TI): Promise<TR> {
    const { core } = this;
    const { name, action, answers, guard } = core;
    if (core.isShutdown) return Promise.reject(new BreakerShutdownError({ policy: name }));
    core.status.count('fires');
    this.emit('fire', args);
    if (!core.isEnabled) return invoke(action, context, args) as Promise<TR>;
    return answers.find(this, args, (ends) => guard.run(context, args, ends)) as Promise<TR>;
  }

  /**
   * Answers calls that fail or are rejected, unless the `errorFilter` passes their error. It gets the
   * arguments of the call, and then the error. The latest fallback counts.
   *
   * @throws `TypeError` when it is neither a function nor a breaker.
   */
  fallback(fallback: Fallback | null | undefined): this {
    this.core.guard.fallback = fallback ? functionOf(fallback) : undefined;
    return this;
  }

  /** Opens the circuit; it is half-open after `resetTimeout`. */
  open(): void {
    if (!this.isShutdown) this.core.circuit.open();
  }

  /** Closes the circuit. The counts stay. */
  close(): void {
    if (!this.isShutdown) this.core.circuit.close();
  }

  /** Guards calls again. */
  enable(): void {
    if (this.isShutdown) return;
    this.core.isEnabled = true;
    this.core.status.follow();
  }

  /** Lets all calls through to the action, without any guard. */
  disable(): void {
    this.core.isEnabled = false;
    this.core.status.unfollow();
  }

  /** Ends the breaker for good: calls reject, timers and health checks end, listeners and answers go. */
  shutdown(): void {
    const { core } = this;
    this.emit('shutdown');
    this.disable();
    this.removeAllListeners();
    this.checks.end();
    core.circuit.shutdown();
    core.status.shutdown();
    core.isShutdown = true;
    core.answers.clear();
  }

  /** Forgets all answers, those that are shared as well. */
  clearCache(): void {
    this.core.answers.clear();
  }

  /**
   * Calls `check` now and every `interval` milliseconds; the circuit opens when it throws or rejects.
   *
   * @throws `TypeError` when `check` is not a function or `interval` not a number.
   */
  healthCheck(check: () => unknown, interval?: number): void {
    this.checks.add(check, interval);
  }

  /** The signal that is aborted when an action times out, if there is one. */
  getSignal(): AbortSignal | undefined {
    return this.core.abortControl.controller?.signal;
  }

  /** The abort controller, if there is one. */
  getAbortController(): AbortController | undefined {
    return this.core.abortControl.controller;
  }

  /** Calls `listener` at each event of that name. */
  override on<E extends EventName>(event: E, listener: (...args: Events<TI, TR>[E]) => void): this {
    return super.on(event, listener as (...args: unknown[]) => void);
  }

  /** Calls `listener` at the next event of that name. */
  override once<E extends EventName>(
    event: E,
    listener: (...args: Events<TI, TR>[E]) => void,
  ): this {
    return super.once(event, listener as (...args: unknown[]) => void);
  }

  /** Tells the listeners of an event, each guarded. `error` alone is special, as in every emitter. */
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    if (typeof event === 'symbol' || event === 'error') return super.emit(event, ...args);
    return emitGuarded(this, { policy: this.name, event, args });
  }
}

function functionOf(fallback: Fallback): FallbackFunction {
  if (typeof fallback === 'function') return fallback as FallbackFunction;
  if (typeof fallback?.fire !== 'function') {
    throw invalidOption('fallback', 'a function or a breaker', fallback, TypeError);
  }
  return (...args) => fallback.fire(...(args as never[]));
}

/** The types that are found at the class in `@types/opossum`. */
export declare namespace CircuitBreaker {
  /** What a breaker can be told. */
  export type Options<TI extends unknown[] = unknown[]> = options.Options<TI>;
  /** How a status counts. */
  export type StatusOptions = options.StatusOptions;
  /** Where a breaker stands. */
  export type State = options.State;
  /** Where answers are kept. */
  export type CacheTransport = options.CacheTransport;
  /** Where answers are kept. */
  export type MemoryCache = options.CacheTransport;
  /** The counts of a breaker, slice by slice. */
  export type Status = status.Status;
  /** The counts of one slice of the window. */
  export type Bucket = bucket.Bucket;
  /** The slices of the window, newest first. */
  export type Window = bucket.Bucket[];
  /** The counts of the whole window. */
  export type Stats = bucket.Stats;
}
