import { CircuitState } from '../circuit-state.ts';
import { epochMs } from '../epoch.ts';
import type { IBreaker } from './breaker.ts';
import { openRatio } from './open-ratio.ts';

/** What a {@link SamplingBreaker} is told. */
export interface ISamplingBreakerOptions {
  /** The circuit opens when more than this share of the calls failed: above 0 and below 1. */
  threshold: number;
  /** For how long calls are counted, in milliseconds. */
  duration: number;
  /**
   * How many calls a second there must be before the circuit may open.
   *
   * @default so many that 5 failures a second reach `threshold`
   */
  minimumRps?: number;
}

/** The calls of one part of the time. */
interface Window {
  startedAt: number;
  failures: number;
  successes: number;
}

/** The counts, as `state` tells them. */
interface Counts {
  readonly windows: readonly Readonly<Window>[];
  readonly currentWindow: number;
  readonly currentFailures: number;
  readonly currentSuccesses: number;
}

/** A part of the time is a second long at most, and there are so many at least. */
const fewestWindows = 5;
const longestWindowMs = 1_000;
const guessedFailuresPerMs = 5 / 1_000;

/** Opens the circuit when too large a share of the calls of the last time failed. */
export class SamplingBreaker implements IBreaker {
  private readonly threshold: number;
  private readonly windowMs: number;
  private readonly minimumCalls: number;
  private windows: Window[];
  private currentWindow = 0;
  private currentFailures = 0;
  private currentSuccesses = 0;

  constructor({ threshold, duration, minimumRps }: ISamplingBreakerOptions) {
    this.threshold = openRatio('threshold', threshold);
    const count = Math.max(fewestWindows, Math.ceil(duration / longestWindowMs));
    this.windowMs = Math.round(duration / count);
    const perMs = minimumRps ? minimumRps / 1_000 : guessedFailuresPerMs / threshold;
    this.minimumCalls = this.windowMs * count * perMs;
    this.windows = Array.from({ length: count }, empty);
  }

  /** What has been counted. */
  get state(): unknown {
    const { currentWindow, currentFailures, currentSuccesses } = this;
    const windows = this.windows.map((each) => ({ ...each }));
    return { windows, currentWindow, currentFailures, currentSuccesses };
  }

  set state(value: unknown) {
    const { windows, currentWindow, currentFailures, currentSuccesses } = value as Counts;
    this.windows = windows.map((each) => ({ ...each }));
    this.currentWindow = currentWindow;
    this.currentFailures = currentFailures;
    this.currentSuccesses = currentSuccesses;
  }

  /** A call succeeded; if that closes the circuit, it is the first that is counted. */
  success(state: CircuitState): void {
    if (state === CircuitState.HalfOpen) this.forget();
    this.windowOfNow().successes++;
    this.currentSuccesses++;
  }

  /** A call failed. */
  failure(state: CircuitState): boolean {
    this.windowOfNow().failures++;
    this.currentFailures++;
    if (state !== CircuitState.Closed) return true;
    const calls = this.currentFailures + this.currentSuccesses;
    return calls >= this.minimumCalls && this.currentFailures > this.threshold * calls;
  }

  private forget(): void {
    this.windows = this.windows.map(empty);
    this.currentFailures = this.currentSuccesses = 0;
  }

  /** The part of the time in which a call counts; drops what is too old, also after an idle time. */
  private windowOfNow(): Window {
    const now = epochMs();
    const current = this.windows[this.currentWindow] as Window;
    if (now - current.startedAt < this.windowMs) return current;
    this.expire(now);
    const next = (this.currentWindow + 1) % this.windows.length;
    this.take(next);
    const begun = { startedAt: now, failures: 0, successes: 0 };
    this.windows[next] = begun;
    this.currentWindow = next;
    return begun;
  }

  private expire(now: number): void {
    const spanMs = this.windowMs * this.windows.length;
    for (const [i, { startedAt }] of this.windows.entries()) {
      if (now - startedAt >= spanMs) this.take(i);
    }
  }

  /** Takes what a window has counted out of the sums. */
  private take(index: number): void {
    const { failures, successes } = this.windows[index] as Window;
    this.currentFailures -= failures;
    this.currentSuccesses -= successes;
    this.windows[index] = empty();
  }
}

function empty(): Window {
  return { startedAt: 0, failures: 0, successes: 0 };
}
