/**
 * What a customer saw.
 *
 * - `confirmed`: the order, at once and in full.
 * - `degraded`: the order, with a stock from the cache or a receipt that comes later.
 * - `limited`: an error, because he orders too much (a 429).
 * - `failed`: another error.
 * - `gave-up`: nothing, for as long as a customer waits.
 */
export type VisitResult = 'confirmed' | 'degraded' | 'limited' | 'failed' | 'gave-up';

/** One customer's order, from his side of the screen. */
export interface Visit {
  readonly orderId: string;
  readonly result: VisitResult;
  /** From the moment when he wanted to order, in milliseconds. */
  readonly waitedMs: number;
  /** When he may come back, if he was told, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/** Whether the customer got what he came for. */
export function isServed({ result }: Visit): boolean {
  return result === 'confirmed' || result === 'degraded';
}
