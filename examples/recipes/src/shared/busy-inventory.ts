import { setTimeout as sleep } from 'node:timers/promises';

/** What an inventory that was asked too often throws. */
export class BusyError extends Error {}

/** Asks an inventory for a stock. */
type ReadStock = (sku: string, options: { readonly signal: AbortSignal }) => Promise<number>;

/** An inventory that is busy for the first requests, and then tells the stock. */
export function busyInventory(busyFor: number): ReadStock {
  let requests = 0;
  return async (sku, { signal }) => {
    await sleep(1, undefined, { signal });
    requests++;
    if (requests <= busyFor) throw new BusyError(`busy ${requests}`);
    return sku.length;
  };
}
