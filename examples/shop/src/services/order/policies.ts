import type { ConfigSource, Policies } from '@holdfast/config';
import { readPolicies } from '../policies.ts';

/**
 * What guards the calls of the order service: its part of `policies.json`.
 *
 * - `inventory` and `replica`: an instance has one worker, and two requests at once keep it busy.
 * - `stock`: how the stock is read, whichever instance gives the answer. To read it twice does no harm;
 *   hedges and retries share a budget, and add a fifth to the load, and two a second, and no more. An
 *   answer from the cache is better than a late one.
 * - `payment`: without payment there is no order. It gets the most attempts, and the most patience.
 * - `notification`: a receipt can wait: nobody has to.
 */
const names = ['stock', 'inventory', 'replica', 'payment', 'notification'] as const;

export type OrderPolicies = Policies<(typeof names)[number]>;

/** Reads them, and follows the file from then on. */
export function orderPolicies(source: string | ConfigSource): Promise<OrderPolicies> {
  return readPolicies(source, names);
}
