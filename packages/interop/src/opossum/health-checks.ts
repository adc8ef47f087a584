import { type ClockTimer, invalidOption, systemClock } from '@holdfast/policy';

/** Asks whether all is well; a rejection says that it is not. */
export type HealthCheck = () => unknown;

const defaultIntervalMs = 5_000;

/** The health checks of one breaker; they end with it, and keep no process alive. */
export class HealthChecks {
  private readonly timers: Set<ClockTimer> = new Set();
  private readonly breaker: object;
  private readonly failed: (error: unknown) => void;
  private isOver = false;

  constructor(breaker: object, failed: (error: unknown) => void) {
    this.breaker = breaker;
    this.failed = failed;
  }

  /** Checks now, and then every `intervalMs` milliseconds. */
  add(check: HealthCheck, intervalMs: number | undefined): void {
    if (typeof check !== 'function') {
      throw invalidOption('the health check', 'a function', check, TypeError);
    }
    const everyMs = intervalMs || defaultIntervalMs;
    if (typeof everyMs !== 'number' || Number.isNaN(everyMs)) {
      throw invalidOption('interval', 'a number of milliseconds', intervalMs, TypeError);
    }
    if (!this.isOver) this.repeat(check, everyMs);
  }

  /** Checks no more. */
  end(): void {
    this.isOver = true;
    for (const timer of this.timers) timer.cancel();
  }

  private repeat(check: HealthCheck, everyMs: number): void {
    const timer = systemClock.setTimeout(() => {
      this.timers.delete(timer);
      this.repeat(check, everyMs);
    }, everyMs);
    timer.unref();
    this.timers.add(timer);
    void this.look(check);
  }

  private async look(check: HealthCheck): Promise<void> {
    try {
      await Reflect.apply(check, this.breaker, []);
    } catch (error) {
      if (!this.isOver) this.failed(error);
    }
  }
}
