import { type Bulkhead, bulkhead } from '@holdfast/bulkhead';
import { invalidOption } from '@holdfast/policy';

const resolved: Promise<void> = Promise.resolve();

/** A bulkhead whose queue has no bound, but can be cleared. */
export class LimitedQueue {
  private readonly places: Bulkhead;
  private readonly rejectOnClear: boolean;
  private limit: number;
  /** Is aborted to drop what waits. */
  private waiting: AbortController = new AbortController();

  constructor(concurrency: number, rejectOnClear: boolean) {
    this.limit = checked(concurrency);
    this.rejectOnClear = rejectOnClear;
    const maxConcurrent = placesFor(concurrency);
    this.places = bulkhead({ name: 'p-limit', maxConcurrent, maxQueued: Infinity });
  }

  get active(): number {
    return this.places.active;
  }

  get queued(): number {
    return this.places.queued;
  }

  get concurrency(): number {
    return this.limit;
  }

  set concurrency(concurrency: number) {
    this.limit = checked(concurrency);
    this.places.resize({ maxConcurrent: placesFor(concurrency) });
  }

  /**
   * Calls `task` as soon as there is a place, but never before this has returned. What the bulkhead
   * rejects with is either the error of the task, which the caller has already, or tells of a clear.
   */
  add<T>(task: () => T | PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let isEarly = true;
      const call = this.places.execute(() => {
        const result = isEarly ? resolved.then(task) : called(task);
        resolve(result);
        return result;
      }, this.waiting);
      isEarly = false;
      call.catch(this.rejectOnClear ? reject : ignore);
    });
  }

  clear(): void {
    if (this.places.queued === 0) return;
    const { waiting } = this;
    this.waiting = new AbortController();
    waiting.abort();
  }
}

/** A promise also of what is not async: its place is held until that has settled. */
async function called<T>(task: () => T | PromiseLike<T>): Promise<T> {
  return task();
}

function ignore(): void {}

function checked(concurrency: number): number {
  if (concurrency === Infinity || (Number.isInteger(concurrency) && concurrency >= 1)) {
    return concurrency;
  }
  const expected = 'an integer from 1 up, or Infinity';
  throw invalidOption('concurrency', expected, concurrency, TypeError);
}

/** Nobody has so many calls that a number too large to count on could matter. */
function placesFor(concurrency: number): number {
  return Number.isSafeInteger(concurrency) ? concurrency : Infinity;
}
