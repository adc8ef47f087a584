import { setTimeout as sleep } from 'node:timers/promises';

/** So many workers, who take so long for each job: what the service can do in a second is bounded. */
export class WorkerPool {
  private readonly jobMs: number;
  private idle: number;
  private readonly waiting: (() => void)[] = [];

  constructor(workers: number, jobMs: number) {
    this.idle = workers;
    this.jobMs = jobMs;
  }

  /** Waits for a worker, however long the queue is, and lets it do the job. */
  async work<T>(job: () => T): Promise<T> {
    if (this.idle > 0) this.idle--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      await sleep(this.jobMs);
      return job();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.idle++;
      else next();
    }
  }
}
