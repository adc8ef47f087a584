import { seeded } from '../random.ts';
import type { PlaceOrder } from '../services/contract.ts';
import { products } from '../services/inventory/products.ts';

/** A customer who comes at a certain moment. */
export interface Arrival {
  /** After so many milliseconds. */
  readonly atMs: number;
  /** Who he is to the gateway. */
  readonly client: string;
  readonly order: PlaceOrder;
}

/** Who comes, how often and for how long. */
export interface ArrivalsOptions {
  /** What the numbers of the orders begin with. */
  readonly prefix: string;
  readonly seed: number;
  readonly ordersPerSecond: number;
  readonly durationMs: number;
  /** The client who sends all of it; without it, each order comes from one of many clients. */
  readonly client?: string | undefined;
}

/** So many clients order, one as often as another. */
const clients = 25;

/**
 * The customers of a while: they come by chance (a Poisson process), but by the same chance on both
 * sides, and whether or not those before them have been served.
 */
export function* arrivals(options: ArrivalsOptions): Generator<Arrival> {
  const { client, durationMs, ordersPerSecond, prefix, seed } = options;
  const random = seeded(seed);
  let atMs = 0;
  for (let number = 1; ; number++) {
    atMs += (-Math.log(1 - random()) * 1_000) / ordersPerSecond;
    if (atMs > durationMs) return;
    yield {
      atMs,
      client: client ?? `client-${1 + Math.floor(random() * clients)}`,
      order: {
        orderId: `${prefix}-${number}`,
        sku: products[Math.floor(random() * products.length)] ?? 'rope',
        quantity: 1 + Math.floor(random() * 3),
        amountCents: 500 + Math.floor(random() * 9_500),
      },
    };
  }
}
