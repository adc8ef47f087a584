import type { CacheTransport } from './options.ts';
import type { AnswerStore } from './memory-store.ts';
import { wallClock } from './wall-clock.ts';

/** A transport of the user's as a store. It may be an asynchronous one. */
export class TransportStore implements AnswerStore {
  private readonly transport: CacheTransport;
  /** Promises that were put in: to get one back is a hit, to get another is to wait for the transport. */
  private readonly answers: WeakSet<Promise<unknown>> = new WeakSet();

  constructor(transport: CacheTransport) {
    this.transport = transport;
  }

  get(key: string): unknown {
    return this.transport.get(key);
  }

  /** Whether what `get` returned is not an answer, but the promise of one that the transport looks for. */
  isLookingUp(found: unknown): found is Promise<unknown> {
    return found instanceof Promise && !this.answers.has(found);
  }

  set(key: string, answer: Promise<unknown>, ttlMs: number): void {
    this.answers.add(answer);
    this.transport.set(key, answer, ttlMs > 0 ? wallClock() + ttlMs : 0);
  }

  clear(): void {
    this.transport.flush();
  }
}
