import {
  admitted,
  type Clock,
  type EnterVerdict,
  type ExitVerdict,
  LayeredPolicy,
  type Outcome,
  pass,
  recentTime,
  refused,
  replaced,
  type Run,
  runGuarded,
  systemClock,
  withoutStack,
} from '@holdfast/policy';
import { judgeCut, judgeEnd } from '../judgement.ts';
import { keepsOthers, type ReconfigureRules } from '../options.ts';
import type { ProbeEnd } from '../state.ts';
import { TimeWindow } from '../time-window.ts';
import type { AdaptiveThrottle, ThrottleMetrics } from './adaptive-throttle.ts';
import { type AdaptiveThrottleEvents, throttleTopics } from './throttle-events.ts';
import {
  type AdaptiveThrottleOptions,
  checkThrottleChange,
  type ThrottleConfigureOptions,
} from './throttle-options.ts';
import { ThrottledError } from './throttled-error.ts';

/** The options with their defaults. */
interface Settings {
  readonly k: number;
  readonly windowMs: number;
  readonly minimumCalls: number;
  readonly maxProbability: number;
  readonly isFailure: ((outcome: Outcome<unknown>) => boolean | 'ignore') | undefined;
}

function settingsOf(
  options: ThrottleConfigureOptions<never>,
  former: Settings | undefined,
): Settings {
  return {
    k: options.k ?? former?.k ?? 2,
    windowMs: options.windowMs ?? former?.windowMs ?? 120_000,
    minimumCalls: options.minimumCalls ?? former?.minimumCalls ?? 20,
    maxProbability: options.maxProbability ?? former?.maxProbability ?? 0.95,
    isFailure: (options.isFailure ?? former?.isFailure) as Settings['isFailure'],
  };
}

type Reading = Pick<ThrottleMetrics, 'requests' | 'accepts' | 'probability'>;

/** An adaptive throttle as the engine sees it. A call counts when it has ended, or is rejected. */
export class ThrottlePolicy<R>
  extends LayeredPolicy<never, R, AdaptiveThrottleEvents>
  implements AdaptiveThrottle<R>
{
  override readonly clock: Clock;
  readonly kind: string = 'adaptive-throttle';
  private settings: Settings;
  private readonly random: () => number;
  /** Its calls are the requests, and its hits those that were accepted. */
  private window: TimeWindow;
  private isThrottling = false;
  private rejected = 0;

  constructor(options: AdaptiveThrottleOptions<R>) {
    super(options.name ?? 'adaptive-throttle');
    this.clock = options.clock ?? systemClock;
    this.settings = settingsOf(options, undefined);
    this.random = options.random ?? Math.random;
    this.window = new TimeWindow(this.settings.windowMs);
  }

  configure(options: ThrottleConfigureOptions<R>, rules: ReconfigureRules = {}): void {
    checkThrottleChange(options);
    const { settings: former, window } = this;
    this.settings = settingsOf(options, keepsOthers(rules) ? former : undefined);
    const { windowMs } = this.settings;
    if (windowMs === former.windowMs) return;
    this.window = new TimeWindow(windowMs);
    this.window.takeOver(window);
  }

  get metrics(): ThrottleMetrics {
    this.window.expire(this.clock.now());
    return { ...this.reading(), rejected: this.rejected };
  }

  private reading(): Reading {
    const { calls, hits } = this.window;
    return { requests: calls, accepts: hits, probability: this.probability() };
  }

  /** With what probability a call is rejected, as the window stands. */
  private probability(): number {
    const { calls, hits } = this.window;
    const { k, minimumCalls, maxProbability } = this.settings;
    if (calls < minimumCalls) return 0;
    const excess = (calls - k * hits) / (calls + 1);
    return Math.min(maxProbability, Math.max(0, excess));
  }

  enter(run: Run, at: number): EnterVerdict {
    const { window } = this;
    run.tickets[at] = true;
    // What has been accepted lately may have expired by now, but what has failed has, too.
    if (!this.isThrottling && window.calls <= this.settings.k * window.hits) return admitted;
    return this.enterScarce(run, at);
  }

  private enterScarce(run: Run, at: number): EnterVerdict {
    const now = run.time(this.clock);
    this.window.expire(now);
    const probability = this.probability();
    if (probability > 0 !== this.isThrottling) this.turn(probability > 0);
    try {
      if (probability === 0 || this.random() >= probability) return admitted;
    } catch (error) {
      run.tickets[at] = undefined;
      run.answer(false, error);
      return refused;
    }
    return this.reject(run, at, now);
  }

  private reject(run: Run, at: number, now: number): EnterVerdict {
    const reading = this.reading();
    run.tickets[at] = undefined;
    this.rejected++;
    this.window.add(now, false);
    const message = `"${this.name}" let the call not go: ${reading.accepts} of ${reading.requests} were accepted of late`;
    run.answer(
      false,
      withoutStack(() => new ThrottledError(message, { ...reading, policy: this.name })),
    );
    if (this.isHeard(throttleTopics.throttled)) this.tell(throttleTopics.throttled, reading);
    return refused;
  }

  private turn(isThrottling: boolean): void {
    this.isThrottling = isThrottling;
    const topic = throttleTopics[isThrottling ? 'throttling-started' : 'throttling-ended'];
    if (this.isHeard(topic)) this.tell(topic, this.reading());
  }

  success(run: Run, at: number, value: unknown): ExitVerdict {
    return this.settle(run, at, true, value);
  }

  failure(run: Run, at: number, error: unknown): ExitVerdict {
    return this.settle(run, at, false, error);
  }

  private settle(run: Run, at: number, ok: boolean, value: unknown): ExitVerdict {
    if (run.tickets[at] === undefined) return pass;
    run.tickets[at] = undefined;
    const outcome: Outcome<unknown> = ok ? { ok, value } : { ok, error: value };
    try {
      this.count(judgeEnd(this.settings.isFailure, outcome, { run, at }));
    } catch (thrown) {
      run.answer(false, thrown);
      return replaced;
    }
    return pass;
  }

  cut(run: Run, at: number, reason: unknown): void {
    if (run.tickets[at] === undefined) return;
    run.tickets[at] = undefined;
    runGuarded(
      () =>
        this.count(judgeCut(this.settings.isFailure, { ok: false, error: reason }, { run, at })),
      {
        kind: this.kind,
        event: 'isFailure',
        policy: this.name,
      },
    );
  }

  private count(end: ProbeEnd): void {
    if (end !== 'ignored') this.window.add(recentTime(this.clock), end === 'success');
  }

  reset(): void {
    this.window.clear();
    if (this.isThrottling) this.turn(false);
  }

  protected described(): Readonly<Record<string, unknown>> {
    const { k, windowMs, minimumCalls, maxProbability } = this.settings;
    return { k, windowMs, minimumCalls, maxProbability };
  }
}
