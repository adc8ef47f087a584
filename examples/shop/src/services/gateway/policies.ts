import type { Policies } from '@holdfast/config';
import { readPolicies } from '../policies.ts';

/**
 * What guards the gateway: its part of `policies.json`.
 *
 * - `clients`: a limit for each client: ten times what one needs who has things to order, and not what
 *   the whole shop can do.
 * - `orders`: no customer waits longer, and no more than so many orders are on their way at once.
 */
const names = ['clients', 'orders'] as const;

export type GatewayPolicies = Policies<(typeof names)[number]>;

/** Reads them, and follows the file from then on. */
export function gatewayPolicies(path: string): Promise<GatewayPolicies> {
  return readPolicies(path, names);
}
