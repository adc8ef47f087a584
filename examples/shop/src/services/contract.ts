import { z } from 'zod';

// What the services say to each other: a type and its schema for each message.

/** A customer's order, from the browser to the gateway and on to the order service. */
export interface PlaceOrder {
  readonly orderId: string;
  readonly sku: string;
  readonly quantity: number;
  readonly amountCents: number;
}

export const placeOrder: z.ZodType<PlaceOrder> = z.object({
  orderId: z.string().min(1),
  sku: z.string().min(1),
  quantity: z.int().positive(),
  amountCents: z.int().positive(),
});

/** How an order was confirmed: the answer of the order service and of the gateway. */
export interface Confirmation {
  readonly orderId: string;
  readonly status: 'confirmed';
  /** `stale`: the inventory did not answer, and the last known stock was good enough. */
  readonly stock: 'fresh' | 'stale';
  /** `queued`: the receipt is sent as soon as the notification service is back. */
  readonly receipt: 'sent' | 'queued';
}

export const confirmation: z.ZodType<Confirmation> = z.object({
  orderId: z.string(),
  status: z.literal('confirmed'),
  stock: z.enum(['fresh', 'stale']),
  receipt: z.enum(['sent', 'queued']),
});

/** How many pieces of a product there are. */
export interface StockLevel {
  readonly sku: string;
  readonly available: number;
}

export const stockLevel: z.ZodType<StockLevel> = z.object({ sku: z.string(), available: z.int() });

/** The money for an order. */
export interface Charge {
  readonly orderId: string;
  readonly amountCents: number;
}

export const charge: z.ZodType<Charge> = z.object({
  orderId: z.string().min(1),
  amountCents: z.int().positive(),
});

/** One line of the payment service's books: how often money was taken, and whether it was given back. */
export interface LedgerLine {
  readonly orderId: string;
  readonly timesCharged: number;
  readonly isVoided: boolean;
}

export const ledger: z.ZodType<LedgerLine[]> = z.array(
  z.object({ orderId: z.string(), timesCharged: z.int(), isVoided: z.boolean() }),
);

/** The order that a receipt is for. */
export interface Receipt {
  readonly orderId: string;
}

export const receipt: z.ZodType<Receipt> = z.object({ orderId: z.string().min(1) });

/** The numbers of orders. */
export const idList: z.ZodType<string[]> = z.array(z.string());

/** A service that an order depends on. */
export type Dependency = 'inventory' | 'payment' | 'notification';

export const dependencies: readonly Dependency[] = ['inventory', 'payment', 'notification'];

/** The header by which a client of the gateway says who he is. */
export const clientHeader = 'x-client';

/** How many reads were asked of a second instance as well. */
export interface Hedges {
  readonly started: number;
  /** How many of them gave the answer. */
  readonly won: number;
}

/** What has become of `policies.json` since a service began to follow it. */
export interface PolicyNews {
  /** How many changes have come into force, and how many were refused. */
  readonly changed: number;
  readonly refused: number;
  /** The latest of them: the layers that changed, or all that is wrong. */
  readonly latest?: { readonly kind: 'changed' | 'refused'; readonly text: string } | undefined;
  /** The circuits to the inventories right before the latest change came into force, and right after. */
  readonly circuits: { readonly before: readonly string[]; readonly after: readonly string[] };
}

/** What the order service tells of itself, at `/metrics`. */
export interface OrderMetrics {
  /** Requests that are being worked on. */
  readonly inFlight: number;
  /** Requests really sent to each dependency, retries included. */
  readonly calls: Readonly<Record<Dependency, number>>;
  /**
   * The state of the circuit to each dependency, or of that to its sickest instance; empty on the
   * plain side.
   */
  readonly circuits: Readonly<Partial<Record<Dependency, string>>>;
  /** How often each circuit has opened. */
  readonly opened: Readonly<Partial<Record<Dependency, number>>>;
  readonly hedges: Hedges;
  /** Work put off until a dependency is back. */
  readonly outbox: number;
  /** Undefined on the plain side, which has no policies. */
  readonly policies?: PolicyNews | undefined;
}

const dependency = z.enum(['inventory', 'payment', 'notification']);

const policyNews: z.ZodType<PolicyNews> = z.object({
  changed: z.int(),
  refused: z.int(),
  latest: z.object({ kind: z.enum(['changed', 'refused']), text: z.string() }).optional(),
  circuits: z.object({ before: z.array(z.string()), after: z.array(z.string()) }),
});

export const orderMetrics: z.ZodType<OrderMetrics> = z.object({
  inFlight: z.int(),
  calls: z.record(dependency, z.int()),
  circuits: z.partialRecord(dependency, z.string()),
  opened: z.partialRecord(dependency, z.int()),
  hedges: z.object({ started: z.int(), won: z.int() }),
  outbox: z.int(),
  policies: policyNews.optional(),
});

/** What is wrong with a service. */
export type Fault =
  | { readonly kind: 'none' }
  /** Each request, or every n-th one, takes so long, give or take a quarter, before the work begins. */
  | { readonly kind: 'slow'; readonly latencyMs: number; readonly every?: number | undefined }
  /** No request is ever answered. */
  | { readonly kind: 'hang' }
  /** Shares of the requests: a 500 before any work, and a connection that breaks after the work. */
  | { readonly kind: 'fail'; readonly errorShare: number; readonly resetShare: number };

const share = z.number().min(0).max(1);

export const fault: z.ZodType<Fault> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({
    kind: z.literal('slow'),
    latencyMs: z.number().positive(),
    every: z.int().positive().optional(),
  }),
  z.object({ kind: z.literal('hang') }),
  z.object({ kind: z.literal('fail'), errorShare: share, resetShare: share }),
]);
