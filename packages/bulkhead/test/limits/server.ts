import { type Clock, TimeoutError } from '@holdfast/policy';
import type { SeededRandom } from '@holdfast/testing';

/** How long calls take once a core works on them, in milliseconds. */
export type ServiceTime = (random: SeededRandom) => number;

/** All calls take the same. */
export function deterministic(ms: number): ServiceTime {
  return () => ms;
}

/** Most calls are short, some are long. */
export function exponentially(meanMs: number): ServiceTime {
  return (random) => -meanMs * Math.log(1 - random());
}

/** A server with some cores and a queue without end before them. */
export class Server {
  cores: number;
  serviceTime: ServiceTime;
  /** The latencies of all calls that have ended since somebody emptied this. */
  latencies: number[] = [];
  inside = 0;
  private busy = 0;
  private readonly clock: Clock;
  private readonly random: SeededRandom;
  private readonly waiting: (() => void)[] = [];

  constructor(clock: Clock, random: SeededRandom, cores: number, serviceTime: ServiceTime) {
    this.clock = clock;
    this.random = random;
    this.cores = cores;
    this.serviceTime = serviceTime;
  }

  /** Answers when a core has done the work; when that took too long, with an error in the end. */
  call(tooLateMs: number = Number.POSITIVE_INFINITY): Promise<number> {
    const cameAt = this.clock.now();
    this.inside++;
    return new Promise((resolve, reject) => {
      this.waiting.push(() => {
        const latency = this.clock.now() - cameAt;
        this.inside--;
        this.latencies.push(latency);
        if (latency < tooLateMs) resolve(latency);
        else reject(new TimeoutError('too late', { timeoutMs: tooLateMs, started: true }));
      });
      this.work();
    });
  }

  private work(): void {
    while (this.busy < this.cores) {
      const finish = this.waiting.shift();
      if (finish === undefined) return;
      this.busy++;
      this.clock.setTimeout(() => {
        this.busy--;
        finish();
        this.work();
      }, this.serviceTime(this.random));
    }
  }
}
