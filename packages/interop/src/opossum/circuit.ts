import {
  circuitBreaker,
  type CircuitBreaker,
  type CircuitPermit,
  restoreSnapshot,
} from '@holdfast/circuit-breaker';
import { type ClockTimer, systemClock, withoutStack } from '@holdfast/policy';
import { BreakerOpenError } from './errors.ts';
import { type ErrorRate, errorRateTrip } from './trip.ts';
import { wallClock } from './wall-clock.ts';

/** What a circuit tells of itself. */
export interface CircuitListener {
  opened(): void;
  halfOpened(): void;
  closed(): void;
}

/** How long a probe may take where no timeout bounds it, at least, in milliseconds. */
const leastProbeMs = 30_000;

/**
 * A circuit breaker of ours that behaves as one of opossum: it is half-open as soon as its break is
 * over and not only with the next call, it can be opened by hand, and each change is told once.
 */
export class Circuit {
  /** When it opened last, in milliseconds since 1970. */
  openedAt: number | undefined;
  private readonly breaker: CircuitBreaker;
  private readonly resetMs: number;
  private listener: CircuitListener | undefined;
  private timer: ClockTimer | undefined;
  /** The break is over, though no call may have come since. */
  private isRipe = false;
  private probe: CircuitPermit | undefined;
  private isShutdown = false;

  constructor(name: string, rate: ErrorRate) {
    const { resetTimeout, timeout } = rate.options;
    this.resetMs = resetTimeout;
    this.breaker = circuitBreaker({
      name,
      trip: errorRateTrip(rate),
      halfOpenAfterMs: resetTimeout,
      // A timeout ends a probe by itself.
      probeTimeoutMs: Math.max(leastProbeMs, resetTimeout, 2 * timeout),
    });
    this.breaker.on('opened', ({ openForMs }) => this.opened(openForMs));
    this.breaker.on('half-opened', () => this.ripened());
    this.breaker.on('closed', () => this.closed());
  }

  get isClosed(): boolean {
    return this.breaker.state === 'closed';
  }

  get isOpen(): boolean {
    return this.breaker.state === 'open' && !this.isRipe;
  }

  get isHalfOpen(): boolean {
    return !this.isClosed && !this.isOpen;
  }

  /** Half-open, and no probe is on its way. */
  get isPending(): boolean {
    return this.isHalfOpen && this.probe === undefined;
  }

  /** Tells from now on what becomes of it. */
  listen(listener: CircuitListener): void {
    this.listener = listener;
  }

  /** Lets a call in, or returns undefined. */
  tryAcquire(): CircuitPermit | undefined {
    const isProbe = !this.isClosed;
    const permit = this.breaker.tryAcquire();
    if (isProbe && permit !== undefined) this.probe = permit;
    return permit;
  }

  /** The call was not made after all. */
  giveBack(permit: CircuitPermit): void {
    if (this.probe === permit) this.probe = undefined;
    permit.ignore();
  }

  /** The error for a call that was not let in. */
  refusal(): BreakerOpenError {
    const { retryAfterMs, lastFailure } = this.breaker.metrics;
    const cause = lastFailure?.ok === false ? lastFailure.error : undefined;
    const options = { policy: this.breaker.name, retryAfterMs, cause };
    return withoutStack(() => new BreakerOpenError(options));
  }

  close(): void {
    this.breaker.reset();
  }

  open(): void {
    if (!this.isOpen) this.openFor(this.resetMs, 0);
  }

  /** Goes on where another circuit has stopped, which opened then. */
  goOnOpen(openedAt: number | undefined): void {
    const agoMs = openedAt === undefined ? 0 : Math.max(0, wallClock() - openedAt);
    if (agoMs > 0 && agoMs >= this.resetMs) this.goOnHalfOpen();
    else this.openFor(this.resetMs - agoMs, agoMs);
    this.openedAt = openedAt ?? this.openedAt;
  }

  /** Goes on half-open. */
  goOnHalfOpen(): void {
    this.openFor(0, this.resetMs);
    this.ripened();
  }

  /** Half-opens no more. */
  shutdown(): void {
    this.isShutdown = true;
    this.listener = undefined;
    this.timer?.cancel();
  }

  private openFor(remainingMs: number, openedAgoMs: number): void {
    const open = { state: 'open', openings: 1, openedAgoMs, remainingMs, trips: [] };
    restoreSnapshot(this.breaker, { version: 1, takenAtMs: 0, ...open }, { epochMs: () => 0 });
  }

  private opened(openForMs: number): void {
    this.isRipe = false;
    this.probe = undefined;
    this.openedAt = wallClock();
    this.arm(openForMs);
    this.listener?.opened();
  }

  private arm(delayMs: number): void {
    this.timer?.cancel();
    if (this.isShutdown) return;
    this.timer = systemClock.setTimeout(() => this.wake(), delayMs);
    this.timer.unref();
  }

  private wake(): void {
    if (this.breaker.state !== 'open') return;
    // The timers of Node may be a little early.
    const leftMs = this.breaker.metrics.retryAfterMs ?? 0;
    if (leftMs > 0) this.arm(leftMs);
    else this.ripened();
  }

  private ripened(): void {
    this.timer?.cancel();
    if (this.isRipe) return;
    this.isRipe = true;
    this.listener?.halfOpened();
  }

  private closed(): void {
    this.timer?.cancel();
    this.isRipe = false;
    this.probe = undefined;
    this.listener?.closed();
  }
}
