import type { RequestRecord } from './recorded-request.ts';

interface Waiter {
  readonly isMet: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** The latest requests of a fault server, and those who wait for requests to come or to end. */
export class RequestLog {
  readonly requests: RequestRecord[] = [];
  readonly #maxRequests: number;
  #received = 0;
  #inFlight = 0;
  #waiters: Waiter[] = [];

  constructor(maxRequests: number) {
    this.#maxRequests = maxRequests;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  begin(record: RequestRecord): void {
    this.requests.push(record);
    if (this.requests.length > this.#maxRequests) this.requests.shift();
    this.#received += 1;
    this.#inFlight += 1;
    this.#wake();
  }

  end(): void {
    this.#inFlight -= 1;
    this.#wake();
  }

  /** Resolves once so many requests have come since the log was last cleared. */
  received(count: number): Promise<void> {
    return this.#until(() => this.#received >= count);
  }

  /** Resolves once no request is in flight. */
  idle(): Promise<void> {
    return this.#until(() => this.#inFlight === 0);
  }

  clear(): void {
    this.requests.length = 0;
    this.#received = 0;
  }

  /** Rejects for all who still wait. */
  giveUp(error: Error): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.reject(error);
  }

  #until(isMet: () => boolean): Promise<void> {
    if (isMet()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ isMet, resolve, reject });
    });
  }

  #wake(): void {
    const met = this.#waiters.filter((waiter) => waiter.isMet());
    this.#waiters = this.#waiters.filter((waiter) => !met.includes(waiter));
    for (const waiter of met) waiter.resolve();
  }
}
