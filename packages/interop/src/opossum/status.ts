import { EventEmitter } from 'node:events';
import { type ClockTimer, systemClock } from '@holdfast/policy';
import { type Bucket, type Counter, type Stats, totalOf } from './bucket.ts';
import { emitGuarded } from './emit-guarded.ts';
import type { StatusOptions } from './options.ts';
import { positiveMs, positiveWhole } from './resolve-options.ts';
import { RollingWindow } from './rolling-window.ts';

/** What a status is not told that tells of calls. */
const measured: ReadonlySet<Counter> = new Set(['successes', 'failures', 'timeouts']);

/**
 * The counts of a breaker over its rolling window. It emits `snapshot` with the {@link Stats} each time
 * a slice of the window is over, for as long as anybody listens: nothing else of it needs a timer.
 */
export class Status extends EventEmitter {
  private readonly counts: RollingWindow;
  private readonly withPercentiles: boolean;
  private readonly hasSnapshots: boolean;
  private readonly controller: EventEmitter | undefined;
  private readonly rotate: () => void;
  private timer: ClockTimer | undefined;
  private isShutdown = false;

  /** @throws `TypeError` or `RangeError` naming the option that cannot be used. */
  constructor(options: StatusOptions = {}) {
    super();
    const buckets = positiveWhole('rollingCountBuckets', options.rollingCountBuckets ?? 10);
    const windowMs = positiveMs('rollingCountTimeout', options.rollingCountTimeout ?? 10_000);
    this.withPercentiles = options.rollingPercentilesEnabled !== false;
    this.hasSnapshots = options.enableSnapshots !== false;
    this.controller = options.rotateBucketController;
    this.counts = new RollingWindow({
      buckets,
      bucketMs: Math.max(1, Math.floor(windowMs / buckets)),
      isRotatedByHand: this.controller !== undefined,
      seed: options.stats,
    });
    this.rotate = () => this.counts.rotate();
    this.follow();
    if (this.hasSnapshots) super.on('newListener', (event) => this.listenedTo(event));
  }

  /** All counts of the window, its percentiles included: O(n log n) in the latencies that it holds. */
  get stats(): Stats {
    return totalOf(this.counts.buckets, this.withPercentiles);
  }

  /** The slices of the window, newest first. */
  get window(): Bucket[] {
    return this.counts.buckets;
  }

  /** Calls `listener` whenever a slice of the window is over. */
  override on(event: 'snapshot', listener: (snapshot: Stats) => void): this;
  override on(event: string | symbol, listener: (...args: never[]) => void): this;
  override on(event: string | symbol, listener: (...args: never[]) => void): this {
    return super.on(event, listener as (...args: unknown[]) => void);
  }

  /** Stops counting, and takes all listeners away. */
  shutdown(): void {
    this.removeAllListeners();
    this.timer?.cancel();
    this.unfollow();
    this.counts.freeze();
    this.isShutdown = true;
  }

  // --- For the breaker ----------------------------------------------------------------------------

  /**
   * Counts what has become of a call.
   *
   * @internal
   */
  count(name: Counter, latencyMs?: number): void {
    if (this.isShutdown) return;
    const bucket = this.counts.count(name);
    if (this.withPercentiles && measured.has(name)) bucket.latencyTimes.push(latencyMs ?? 0);
  }

  /**
   * The failure that was counted last says something about what is called.
   *
   * @internal
   */
  blame(): void {
    if (!this.isShutdown) this.counts.blame();
  }

  /**
   * Notes in the newest slice whether the circuit is open.
   *
   * @internal
   */
  mark(isOpen: boolean): void {
    const [newest] = this.counts.buckets;
    if (newest !== undefined && !this.isShutdown) newest.isCircuitBreakerOpen = isOpen;
  }

  /**
   * What share of the calls in the window has failed, in percent, and how many calls there are.
   *
   * @internal
   */
  rate(): {
    /** How many calls there are. */
    readonly fires: number;
    /** How many of them count as failures. */
    readonly blamed: number;
    /** What share that is, in percent. */
    readonly percentage: number;
  } {
    this.counts.catchUp();
    const { fires, blamed } = this.counts;
    return { fires, blamed, percentage: (blamed / fires) * 100 };
  }

  /**
   * Has the controller, if there is one, turn the window.
   *
   * @internal
   */
  follow(): void {
    if (this.controller?.listeners('rotate').includes(this.rotate) === false) {
      this.controller.on('rotate', this.rotate);
    }
  }

  /**
   * Lets go of the controller.
   *
   * @internal
   */
  unfollow(): void {
    this.controller?.removeListener('rotate', this.rotate);
  }

  // --- Snapshots ------------------------------------------------------------------------------------

  private listenedTo(event: unknown): void {
    if (event === 'snapshot' && this.timer === undefined) this.arm();
  }

  /** Wakes up when the slice is over; one that is turned by hand tells no time, so that its length counts. */
  private arm(): void {
    const { counts } = this;
    const delayMs = counts.sliceEndsAt - systemClock.now();
    this.timer = systemClock.setTimeout(() => this.tick(), Math.max(1, delayMs));
    this.timer.unref();
  }

  private tick(): void {
    this.timer = undefined;
    if (this.listenerCount('snapshot') === 0) return;
    this.arm();
    emitGuarded(this, { policy: 'status', event: 'snapshot', args: [this.stats] });
  }
}
