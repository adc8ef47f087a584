import { type AdaptiveLimit, type Bulkhead, bulkhead, type QueueOrder } from '@holdfast/bulkhead';
import {
  type SeededRandom,
  seededRandom,
  type VirtualClock,
  virtualClock,
} from '@holdfast/testing';
import { Server, type ServiceTime } from './server.ts';

export interface SimulationOptions {
  readonly limit: (random: () => number) => AdaptiveLimit;
  readonly cores: number;
  readonly serviceTime: ServiceTime;
  /** How many calls arrive in a second, at random times. */
  readonly perSecond: number;
  readonly queue?: QueueOrder | undefined;
  readonly tooLateMs?: number | undefined;
  readonly seed?: number | undefined;
}

/** What happened in a while. */
export interface Measured {
  readonly perSecond: number;
  readonly meanMs: number;
  /** The limit, averaged over time. */
  readonly limit: number;
  readonly highest: number;
  readonly lowest: number;
}

/** A server, a client with a bulkhead, and calls that do not care how many others there are. */
export class Simulation {
  readonly clock: VirtualClock = virtualClock();
  readonly policy: Bulkhead;
  readonly server: Server;
  perSecond: number;
  private readonly arrivals: SeededRandom;
  private readonly tooLateMs: number | undefined;

  constructor(options: SimulationOptions) {
    const random = seededRandom(options.seed ?? 1);
    const { cores, serviceTime, perSecond, queue, tooLateMs } = options;
    this.arrivals = random.fork();
    this.perSecond = perSecond;
    this.tooLateMs = tooLateMs;
    this.server = new Server(this.clock, random.fork(), cores, serviceTime);
    this.policy = bulkhead({
      limit: options.limit(random.fork()),
      maxQueued: 20,
      clock: this.clock,
      queue,
    });
    this.arrive();
  }

  private arrive(): void {
    const pauseMs = (-1_000 / this.perSecond) * Math.log(1 - this.arrivals());
    this.clock.setTimeout(() => {
      void this.policy.outcome(() => this.server.call(this.tooLateMs));
      this.arrive();
    }, pauseMs);
  }

  /** Lets time pass, and tells what happened in it. */
  async run(seconds: number): Promise<Measured> {
    const { latencies } = this.server;
    latencies.length = 0;
    const from = this.clock.now();
    const limits = new LimitRecord(this.policy, () => this.clock.now());
    await this.clock.advance(seconds * 1_000);
    const passed = (this.clock.now() - from) / 1_000;
    return {
      perSecond: latencies.length / passed,
      meanMs: latencies.reduce((sum, each) => sum + each, 0) / latencies.length,
      ...limits.end(),
    };
  }
}

/** Follows the limit by its events. */
class LimitRecord {
  private highest: number;
  private lowest: number;
  private area = 0;
  private since: number;
  private readonly from: number;
  private last: number;
  private readonly now: () => number;
  private readonly stop: () => void;

  constructor(policy: Bulkhead, now: () => number) {
    this.now = now;
    this.from = this.since = now();
    this.highest = this.lowest = this.last = policy.maxConcurrent;
    this.stop = policy.on('limit-changed', ({ to, reason }) => {
      this.add(to);
      this.highest = Math.max(this.highest, to);
      if (reason !== 'probe') this.lowest = Math.min(this.lowest, to);
    });
  }

  private add(to: number): void {
    const now = this.now();
    this.area += this.last * (now - this.since);
    this.since = now;
    this.last = to;
  }

  end(): { readonly limit: number; readonly highest: number; readonly lowest: number } {
    this.stop();
    this.add(this.last);
    const { highest, lowest } = this;
    return { limit: this.area / (this.since - this.from), highest, lowest };
  }
}
