import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RedisServer } from '@holdfast-tools/servers';
import type { WorkerOptions } from './worker-options.ts';

/** What a worker wrote down. */
export interface Logged {
  readonly event: string;
  /** By the clock of the machine, in milliseconds. */
  readonly at: number;
  readonly value: number;
}

/** One process of several. */
export class Worker {
  readonly process: ChildProcess;
  private readonly log: string;

  constructor(options: WorkerOptions) {
    this.log = options.log;
    const file = new URL('worker.ts', import.meta.url);
    const execArgv = ['--conditions=@holdfast/source', '--disable-warning=ExperimentalWarning'];
    this.process = fork(file, [JSON.stringify(options)], { execArgv });
  }

  async ready(): Promise<void> {
    await once(this.process, 'message');
  }

  logged(event: string): readonly Logged[] {
    const lines = readFileSync(this.log, 'utf8').split('\n').slice(0, -1);
    return lines
      .map((line) => line.split(' '))
      .map(([name = '', at, value]) => ({ event: name, at: Number(at), value: Number(value) }))
      .filter((each) => each.event === event);
  }

  /** Ends it as a deployment would; resolves when it is gone. */
  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exit = once(this.process, 'exit');
    this.process.send('stop');
    await exit;
  }

  async kill(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exit = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await exit;
  }

  freeze(): void {
    this.process.kill('SIGSTOP');
  }

  thaw(): void {
    this.process.kill('SIGCONT');
  }
}

/** What several workers do. */
export interface WorkersOptions extends Omit<WorkerOptions, 'log' | 'url'> {
  /** Whose limit it is. What the workers write lies in its folder, which never outlives the tests. */
  readonly redis: RedisServer;
}

/** Several processes with one limit. */
export class Workers implements AsyncDisposable {
  readonly all: Worker[] = [];
  private readonly options: Omit<WorkerOptions, 'log'>;
  private readonly folder: string;

  constructor({ redis, ...options }: WorkersOptions) {
    this.options = { ...options, url: redis.url };
    this.folder = mkdtempSync(join(redis.folder, 'workers-'));
  }

  /** Starts that many more; resolves once they call. */
  async start(count: number): Promise<readonly Worker[]> {
    const started = Array.from({ length: count }, (_, i) => {
      const log = join(this.folder, `${this.all.length + i}.log`);
      return new Worker({ ...this.options, log });
    });
    this.all.push(...started);
    await Promise.all(started.map((worker) => worker.ready()));
    return started;
  }

  async stop(): Promise<void> {
    await Promise.all(this.all.map((worker) => worker.stop()));
  }

  logged(event: string): readonly Logged[] {
    return this.all.flatMap((worker) => worker.logged(event)).toSorted((a, b) => a.at - b.at);
  }

  /** The slowest answer that any of them got, in milliseconds. */
  get slowestMs(): number {
    return Math.max(0, ...this.logged('trip').map(({ value }) => value));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map((worker) => worker.kill()));
  }
}
