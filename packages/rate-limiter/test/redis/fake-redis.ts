import type { VirtualClock } from '@holdfast/testing';
import { type FakeLimit, FakeBucket, FakeWindow } from './fake-limits.ts';

/** How a {@link FakeRedis} is: it may answer, answer errors, take commands and never answer, or be cut off. */
export type FakeMode = 'answers' | 'fails' | 'hangs' | 'is-cut';

/** What a {@link FakeRedis} can be told. */
export interface FakeRedisOptions {
  /** How long the way there takes, in milliseconds, and as long the way back. */
  readonly latencyMs?: number | (() => number);
  /** By how much its clock differs from the one of the test. */
  readonly clockMs?: number;
}

/**
 * As much of a Redis, behind a client of the package `redis`, as the limiter needs: it knows the two
 * scripts by what they say, and does the same in the time of a virtual clock.
 */
export class FakeRedis {
  mode: FakeMode = 'answers';
  isReady = true;
  /** All commands that were sent. */
  readonly commands: (readonly string[])[] = [];
  readonly limits: Map<string, FakeLimit> = new Map();
  private readonly known = new Map<string, string>();
  private readonly lost: ((error: Error) => void)[] = [];
  private readonly clock: VirtualClock;
  private readonly latencyMs: () => number;
  private readonly offsetMs: number;

  constructor(clock: VirtualClock, { latencyMs = 0, clockMs = 86_400_000 }: FakeRedisOptions = {}) {
    this.clock = clock;
    this.latencyMs = typeof latencyMs === 'function' ? latencyMs : () => latencyMs;
    this.offsetMs = clockMs;
  }

  /** How many times a script ran. */
  get runs(): number {
    return this.commands.filter(([name]) => name === 'EVALSHA').length;
  }

  async sendCommand(args: readonly string[]): Promise<unknown> {
    this.commands.push(args);
    if (this.mode === 'is-cut') throw new Error('Socket closed unexpectedly');
    await this.travel();
    if (this.mode === 'hangs') await this.silence();
    if (this.mode === 'fails') throw new Error('LOADING Redis is loading the dataset in memory');
    const answer = this.run(args);
    await this.travel();
    if (this.mode === 'hangs') await this.silence();
    return answer;
  }

  /** Cuts all connections: what has no answer fails. */
  cut(): void {
    for (const fail of this.lost.splice(0)) fail(new Error('Socket closed unexpectedly'));
  }

  flushScripts(): void {
    this.known.clear();
  }

  private async travel(): Promise<void> {
    const delayMs = this.latencyMs();
    if (delayMs > 0) await new Promise<void>((done) => this.clock.setTimeout(done, delayMs));
  }

  private silence(): Promise<never> {
    return new Promise((_, reject) => this.lost.push(reject));
  }

  private run([name, script = '', , key = '', ...rest]: readonly string[]): string {
    const source = name === 'EVAL' ? script : this.known.get(script);
    if (source === undefined && /^[0-9a-f]{40}$/u.test(script)) {
      this.missing = script;
      throw new Error('NOSCRIPT No matching script. Please use EVAL.');
    }
    if (name === 'EVAL') this.known.set(this.missing, script);
    let limit = this.limits.get(key);
    if (limit === undefined) {
      limit =
        script.includes('ZRANGE') || source?.includes('ZRANGE') === true
          ? new FakeWindow()
          : new FakeBucket();
      this.limits.set(key, limit);
    }
    return limit.run(this.clock.now() + this.offsetMs, rest);
  }

  private missing = '';
}
