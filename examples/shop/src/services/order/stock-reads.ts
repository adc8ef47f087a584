import { type FetchInit, wrapFetch, type WrappedFetch } from '@holdfast/fetch';
import { hedgeNumber } from '@holdfast/hedge';
import type { ExecutionContext, Policy } from '@holdfast/policy';
import { inTurn } from './in-turn.ts';
import type { Metrics } from './metrics.ts';
import type { OrderPolicies } from './policies.ts';

/** Asks for the stock of a product. */
export type FetchStock = (sku: string, options: Pick<FetchInit, 'signal'>) => Promise<Response>;

/** What {@link StockReads} is made from. */
export interface StockReadsOptions {
  readonly metrics: Metrics;
  readonly origins: readonly [string, string];
  readonly policies: OrderPolicies;
}

/** Reads of the stock: from each instance in turn, and from the next one where that is slow. */
export class StockReads {
  private readonly reads: Policy<never, Response>;
  private readonly fetchFrom: readonly WrappedFetch[];
  private readonly origins: readonly string[];
  private readonly firstInstance: () => number;

  constructor({ metrics, origins, policies }: StockReadsOptions) {
    const send = metrics.counted('inventory');
    const reads = policies.get('stock');
    this.reads = reads;
    this.origins = origins;
    this.fetchFrom = (['inventory', 'replica'] as const).map((name) =>
      wrapFetch(send, policies.get(name)),
    );
    this.firstInstance = inTurn([0, 1]);
    reads.on('hedged', () => metrics.hedges.started++);
    reads.on('won', ({ hedge }) => (metrics.hedges.won += hedge > 0 ? 1 : 0));
  }

  readonly fetch: FetchStock = (sku, { signal }) => {
    const first = this.firstInstance();
    const operation = (context: ExecutionContext): Promise<Response> => {
      // Each attempt goes elsewhere: to ask the same instance again is to wait in the same line.
      const place = (first + context.attempt - 1 + hedgeNumber(context)) % this.origins.length;
      const url = `${this.origins[place]}/stock/${sku}`;
      return (this.fetchFrom[place] as WrappedFetch)(url, { signal: context.signal });
    };
    return this.reads.execute(operation, { signal: signal ?? undefined });
  };
}
