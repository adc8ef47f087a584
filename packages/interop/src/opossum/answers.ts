import { runGuarded } from '@holdfast/policy';
import type { CallEnds } from './attempt.ts';
import type { EventName, Tell } from './events.ts';
import { type AnswerStore, MemoryStore } from './memory-store.ts';
import type { ResolvedOptions } from './resolve-options.ts';
import type { Status } from './status.ts';
import { TransportStore } from './transport-store.ts';

/** Whom the answers tell, and whose they are. */
export interface AnswersOwner {
  readonly name: string;
  readonly options: ResolvedOptions;
  readonly status: Status;
  readonly tell: Tell;
}

type Run = (ends?: CallEnds) => Promise<unknown>;

const told = {
  cacheHit: 'cacheHits',
  cacheMiss: 'cacheMisses',
  coalesceCacheHit: 'coalesceCacheHits',
  coalesceCacheMiss: 'coalesceCacheMisses',
} as const satisfies Partial<Record<EventName, string>>;

/** The answers of former calls: those that are kept (cache), and those that are shared (coalesce). */
export class Answers {
  private readonly owner: AnswersOwner;
  private readonly cache: AnswerStore | undefined;
  private readonly shared: MemoryStore | undefined;

  constructor(owner: AnswersOwner) {
    const { cache, cacheTransport, cacheSize, coalesce, coalesceSize } = owner.options;
    this.owner = owner;
    if (cache) {
      this.cache =
        cacheTransport === undefined
          ? new MemoryStore(cacheSize)
          : new TransportStore(cacheTransport);
    }
    if (coalesce) this.shared = new MemoryStore(coalesceSize);
  }

  clear(): void {
    this.cache?.clear();
    this.shared?.clear();
  }

  /** Answers a call from what there is, or has it run. `breaker` is what `this` of `cacheGetKey` is. */
  find(breaker: unknown, args: readonly unknown[], run: Run): Promise<unknown> {
    if (this.cache === undefined && this.shared === undefined) return run();
    let key: string;
    let found: unknown;
    try {
      key = Reflect.apply(this.owner.options.cacheGetKey, breaker, args);
      found = this.cache?.get(key);
    } catch (error) {
      return Promise.reject(error);
    }
    if (this.cache instanceof TransportStore && this.cache.isLookingUp(found)) {
      return found.then((late) => this.known(key, late, run));
    }
    return this.known(key, found, run);
  }

  private known(key: string, found: unknown, run: Run): Promise<unknown> {
    if (this.cache === undefined) return this.share(key, run);
    if (found) {
      this.tell('cacheHit');
      return Promise.resolve(found);
    }
    this.tell('cacheMiss');
    return this.share(key, run);
  }

  private share(key: string, run: Run): Promise<unknown> {
    const { shared } = this;
    if (shared === undefined) return run(this.endsOf(key));
    const found = shared.get(key);
    if (found !== undefined) {
      this.tell('coalesceCacheHit');
      return found;
    }
    this.tell('coalesceCacheMiss');
    return this.runShared(key, shared, run);
  }

  private runShared(key: string, shared: MemoryStore, run: Run): Promise<unknown> {
    const { coalesceResetOn, coalesceTTL } = this.owner.options;
    let isShareable = false;
    const answer = run({
      ...this.endsOf(key),
      begun: () => {
        isShareable = true;
      },
      ended: (end) => {
        if (end !== undefined && !coalesceResetOn.includes(end)) return;
        isShareable = false;
        shared.delete(key);
      },
    });
    if (isShareable) shared.set(key, answer, coalesceTTL);
    return answer;
  }

  /** What becomes of the answer of a call that is not shared. */
  private endsOf(key: string): CallEnds {
    return {
      begun: () => undefined,
      ended: () => undefined,
      succeeded: (work) => this.keep(key, work),
    };
  }

  private keep(key: string, work: Promise<unknown>): void {
    const { cache } = this;
    const { name, options } = this.owner;
    if (cache === undefined) return;
    const event = { kind: 'opossum', event: 'cacheTransport.set', policy: name };
    runGuarded(() => cache.set(key, work, options.cacheTTL), event);
  }

  private tell(event: keyof typeof told): void {
    this.owner.status.count(told[event]);
    this.owner.tell(event);
  }
}
