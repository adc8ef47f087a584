import type { Charge, StockLevel } from '../contract.ts';
import type { ServiceSetup } from '../setup.ts';

/** How the order service reaches the others. There are two: with policies, and without. */
export interface Clients {
  /** The stock of a product, and whether the inventory has just said so. */
  stock(sku: string, signal: AbortSignal): Promise<{ level: StockLevel; isFresh: boolean }>;
  /** Takes the money for an order. */
  charge(charge: Charge, signal: AbortSignal): Promise<void>;
  /** Gives back the money of an order that nobody waits for any more. */
  cancelCharge(orderId: string): void;
  /** Sends the receipt, or sees to it that it is sent later. */
  sendReceipt(orderId: string, signal: AbortSignal): Promise<'sent' | 'queued'>;
}

/** A dependency answered, but not with what was asked for. */
class HttpStatusError extends Error {
  override readonly name = 'HttpStatusError';
  readonly status: number;

  constructor(service: string, status: number) {
    super(`${service} answered ${status}`);
    this.status = status;
  }
}

/** The addresses of the two instances of the inventory. */
export function inventoriesOf({
  inventory = '',
  replica = '',
}: ServiceSetup['peers']): readonly [string, string] {
  return [inventory, replica];
}

/** Reads a response to its end, whatever it says: so its connection is free again. */
export async function expectOk(service: string, response: Response): Promise<string> {
  const body = await response.text();
  if (!response.ok) throw new HttpStatusError(service, response.status);
  return body;
}

/** What fetch needs to send JSON. */
export function json(
  method: 'POST' | 'PUT',
  body: unknown,
): { method: string; headers: Record<string, string>; body: string } {
  return { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
