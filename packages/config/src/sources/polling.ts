import type { Clock, ClockTimer } from '@holdfast/policy';
import type { ConfigWatch } from './source.ts';

/** How often something is looked at. */
export interface PollingOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly intervalMs: number;
  readonly maxIntervalMs: number;
  /** Looks once; says whether it could. Never rejects. */
  readonly poll: (signal: AbortSignal) => Promise<boolean>;
}

/** By how much an interval may be longer or shorter. */
const jitter = 0.2;

/**
 * Looks again and again, never twice at a time: first after a random part of the interval, since many
 * instances may start together, then after each interval, which doubles with each further failure.
 */
export class Polling implements ConfigWatch {
  private readonly options: PollingOptions;
  private readonly closing = new AbortController();
  private timer: ClockTimer | undefined;
  private failures = 0;

  constructor(options: PollingOptions) {
    this.options = options;
    this.arm(options.intervalMs * options.random());
  }

  close(): void {
    this.timer?.cancel();
    this.closing.abort();
  }

  private arm(delayMs: number): void {
    this.timer = this.options.clock.setTimeout(() => void this.turn(), delayMs);
    this.timer.unref();
  }

  private async turn(): Promise<void> {
    const isDone = await this.options.poll(this.closing.signal);
    if (this.closing.signal.aborted) return;
    this.failures = isDone ? 0 : this.failures + 1;
    this.arm(this.nextDelayMs());
  }

  private nextDelayMs(): number {
    const { intervalMs, maxIntervalMs, random } = this.options;
    const doubled = intervalMs * 2 ** Math.max(0, this.failures - 1);
    const base = Math.min(doubled, Math.max(intervalMs, maxIntervalMs));
    return base * (1 - jitter + 2 * jitter * random());
  }
}
