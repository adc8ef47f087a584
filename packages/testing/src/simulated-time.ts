import type { Clock, ClockTimer } from '@holdfast/policy';
import { invalidOption, milliseconds } from '@holdfast/policy';
import { settle } from './real-time.ts';
import { type CheckedLimits, checkLimits, type RunLimits } from './run-limits.ts';
import { seededRandom } from './seeded-random.ts';
import { TimerQueue } from './timer-queue.ts';
import { VirtualTimer } from './virtual-timer.ts';

/** So many callbacks without a delay, one arming the next, are an endless loop. */
const maxZeroDelays = 10_000;

/** The engine of a virtual clock. */
export class SimulatedTime implements Clock {
  readonly seed: number | undefined;
  readonly #timers: TimerQueue = new TimerQueue();
  readonly #drawRank: () => number;
  #now: number;
  #armed = 0;
  #zeroDelays = 0;
  #moving: string | undefined;

  constructor(startMs: number, seed: number | undefined) {
    this.#now = startMs;
    this.seed = seed;
    this.#drawRank = seed === undefined ? (): number => 0 : seededRandom(seed);
  }

  get pending(): number {
    return this.#timers.size;
  }

  get nextTimerAt(): number | undefined {
    return this.#timers.first?.plan.dueAt;
  }

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, delayMs: number): ClockTimer {
    if (typeof callback !== 'function') {
      throw invalidOption('callback', 'a function', callback, TypeError);
    }
    milliseconds('delayMs', delayMs);

    this.#armed += 1;
    const dueAt = firstTimeAfter(this.#now, delayMs);
    const timer = new VirtualTimer(this.#timers, callback, {
      armedAt: this.#now,
      dueAt,
      rank: this.#drawRank(),
      order: this.#armed,
      zeroDelays: dueAt === this.#now ? this.#zeroDelays + 1 : 0,
    });
    this.#timers.add(timer);
    return timer;
  }

  async advance(ms: number): Promise<void> {
    milliseconds('ms', ms);
    await this.#move('advance', () => this.#runTo(this.#now + ms));
  }

  async advanceTo(timeMs: number): Promise<void> {
    milliseconds('timeMs', timeMs);
    if (timeMs < this.#now) {
      throw invalidOption('timeMs', `at least the present ${this.#now}`, timeMs, RangeError);
    }
    await this.#move('advanceTo', () => this.#runTo(timeMs));
  }

  async runUntilIdle(limits: RunLimits = {}): Promise<void> {
    const checked = checkLimits(limits);
    await this.#move('runUntilIdle', () => this.#runWhile(() => true, checked));
  }

  async runUntil<T>(promise: PromiseLike<T>, limits: RunLimits = {}): Promise<T> {
    if (typeof promise?.then !== 'function') {
      throw invalidOption('promise', 'a promise', promise, TypeError);
    }
    const checked = checkLimits(limits);
    let isPending = true;
    const settled = (): void => {
      isPending = false;
    };
    promise.then(settled, settled);

    await this.#move('runUntil', () => this.#runWhile(() => isPending, checked));
    if (isPending) throw new Error(this.#explainPending());
    return promise;
  }

  flush(): Promise<void> {
    return settle();
  }

  async #move(method: string, run: () => Promise<void>): Promise<void> {
    if (this.#moving !== undefined) {
      throw new Error(
        `${method}() was called while ${this.#moving}() is moving the clock: ` +
          'await the one before the other, and move the clock from the test alone.',
      );
    }
    this.#moving = method;
    try {
      await settle();
      await run();
    } finally {
      this.#moving = undefined;
      this.#zeroDelays = 0;
    }
  }

  async #runTo(timeMs: number): Promise<void> {
    for (let next = this.#timers.first; next !== undefined; next = this.#timers.first) {
      if (next.plan.dueAt > timeMs) break;
      await this.#fire(next);
    }
    this.#now = timeMs;
  }

  async #runWhile(isWanted: () => boolean, limits: CheckedLimits): Promise<void> {
    const lastMs = this.#now + limits.maxMs;
    let steps = 0;
    while (isWanted() && this.#timers.keepingAlive > 0) {
      const next = this.#timers.first;
      if (next === undefined) return;
      if (next.plan.dueAt > lastMs) throw endless(`passed ${limits.maxMs} ms`, next, 'maxMs');
      if (steps === limits.maxSteps) throw endless(`fired ${steps} timers`, next, 'maxSteps');
      await this.#fire(next);
      steps += 1;
    }
  }

  async #fire(timer: VirtualTimer): Promise<void> {
    if (timer.plan.zeroDelays > maxZeroDelays) throw standstill(timer);
    this.#zeroDelays = timer.plan.zeroDelays;
    this.#timers.remove(timer);
    this.#now = timer.plan.dueAt;
    try {
      timer.run();
    } finally {
      await settle();
    }
  }

  #explainPending(): string {
    const asleep = this.#timers.size;
    const reason =
      asleep === 0
        ? 'No timer is armed: it waits for real time, for I/O, or for what never happens.'
        : `Timers armed: ${asleep}, all with unref(), for which a process would not wait; ` +
          `next is ${this.#timers.first?.describe()}.`;
    return `Nothing is left to do at ${this.#now} ms, but the promise is still pending. ${reason}`;
  }
}

/** Not before the delay has passed, also where adding rounds down. */
function firstTimeAfter(now: number, delayMs: number): number {
  const sum = now + delayMs;
  const dueAt = sum - now < delayMs ? sum + sum * Number.EPSILON : sum;
  return Math.min(dueAt, Number.MAX_VALUE);
}

function endless(done: string, next: VirtualTimer, limit: string): Error {
  return new Error(
    `The clock has ${done} and is not idle; next is ${next.describe()}. ` +
      `Stop what keeps arming it, or raise \`${limit}\`.`,
  );
}

function standstill(next: VirtualTimer): Error {
  return new Error(
    `${maxZeroDelays} callbacks without a delay have armed one another and time stands still; ` +
      `next is ${next.describe()}. Give it a delay, or an end.`,
  );
}
