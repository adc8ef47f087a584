import { type FetchInit, wrapFetch, type WrappedFetch } from '@holdfast/fetch';
import { hedgeNumber } from '@holdfast/hedge';
import type { ExecutionContext } from '@holdfast/policy';
import { inTurn } from './in-turn.ts';
import type { Metrics } from './metrics.ts';
import { type Guard, inventoryInstance, inventoryReads, type ReadGuard } from './policies.ts';

/** Asks for the stock of a product. */
export type FetchStock = (sku: string, options: Pick<FetchInit, 'signal'>) => Promise<Response>;

/** Reads of the stock: from each instance in turn, and from the next one where that is slow. */
export class StockReads {
  readonly breakers: readonly Guard['breaker'][];
  private readonly reads: ReadGuard = inventoryReads();
  private readonly fetchFrom: readonly WrappedFetch[];
  private readonly origins: readonly string[];
  private readonly firstInstance: () => number;

  constructor(metrics: Metrics, origins: readonly [string, string]) {
    const guards = origins.map((_, index) => inventoryInstance(`inventory ${index + 1}`));
    this.origins = origins;
    this.breakers = guards.map(({ breaker }) => breaker);
    this.fetchFrom = guards.map(({ policy }) => wrapFetch(metrics.counted('inventory'), policy));
    this.firstInstance = inTurn([0, 1]);
    this.reads.hedge.on('hedged', () => metrics.hedges.started++);
    this.reads.hedge.on('won', ({ hedge }) => (metrics.hedges.won += hedge > 0 ? 1 : 0));
  }

  readonly fetch: FetchStock = (sku, { signal }) => {
    const first = this.firstInstance();
    const operation = (context: ExecutionContext): Promise<Response> => {
      // Each attempt goes elsewhere: to ask the same instance again is to wait in the same line.
      const place = (first + context.attempt - 1 + hedgeNumber(context)) % this.origins.length;
      const url = `${this.origins[place]}/stock/${sku}`;
      return (this.fetchFrom[place] as WrappedFetch)(url, { signal: context.signal });
    };
    return this.reads.policy.execute(operation, { signal: signal ?? undefined });
  };
}
