import { setTimeout as sleep } from 'node:timers/promises';
import type { Tally } from '../driver/tally.ts';
import type { OrderMetrics, PolicyNews } from '../services/contract.ts';
import type { Edit, PoliciesFile } from './policies-file.ts';

/** What an operator does to `policies.json` during a phase. */
export interface Edits {
  /** What helps. */
  readonly good: Edit;
  /** The same again, with a mistake. */
  readonly mistaken: Edit;
}

/** How many orders there were in a while, and how many of them were served in full. */
export interface InFull {
  readonly orders: number;
  readonly inFull: number;
}

/** What came of the edits. */
export interface EditResult {
  /** From saving the good edit until calls went by it, in milliseconds; undefined if they never did. */
  readonly inForceMs: number | undefined;
  /** What changed, layer by layer. */
  readonly changed: string;
  /** The circuits to the inventories right before and right after. */
  readonly circuits: PolicyNews['circuits'];
  readonly before: InFull;
  /** From the moment when the circuits had closed. */
  readonly after: InFull;
  /** What the service said of the mistake; undefined if it did not refuse it. */
  readonly refusal: string | undefined;
  /** Whether the good edit was still in force then. */
  readonly stayed: boolean;
  /** From saving the file as it was until calls went by it, in milliseconds. */
  readonly backMs: number | undefined;
}

/** What an {@link Operator} works with. */
export interface OperatorOptions {
  readonly file: PoliciesFile;
  readonly metrics: () => Promise<OrderMetrics>;
  /** The customers of the side that is edited. */
  readonly tally: Tally;
  /** How long the operator waits for anything; 4,000 by default. */
  readonly waitMs?: number | undefined;
}

const pollMs = 20;
/** How long he looks at what came of the good edit before he makes his mistake. */
const pauseMs = 700;

const noNews: PolicyNews = {
  changed: 0,
  refused: 0,
  circuits: { before: [], after: [] },
};

function newsOf({ policies = noNews }: OrderMetrics): PolicyNews {
  return policies;
}

/** Edits `policies.json` while customers come, and looks what becomes of it. */
export class Operator {
  private readonly options: OperatorOptions;
  private original = '';
  private atEdit: PolicyNews = noNews;
  private inForceMs: number | undefined;
  private refused: PolicyNews | undefined;
  private backMs: number | undefined;
  private before: InFull = { orders: 0, inFull: 0 };
  private settled: InFull = { orders: 0, inFull: 0 };

  constructor(options: OperatorOptions) {
    this.options = options;
  }

  /** Waits for an open circuit, makes the good edit, and later the mistake. */
  async edit({ good, mistaken }: Edits): Promise<void> {
    const { file } = this.options;
    this.original = await file.read();
    await this.until(({ circuits }) => circuits.inventory === 'open');
    this.inForceMs = await this.save(() => file.edit(good));
    this.atEdit = newsOf(await this.options.metrics());
    this.before = this.count();
    await this.until(({ circuits }) => circuits.inventory === 'closed');
    this.settled = this.count();

    await sleep(pauseMs);
    const { refused } = this.atEdit;
    await file.edit(mistaken);
    const seen = await this.until((metrics) => newsOf(metrics).refused > refused);
    this.refused = seen && newsOf(seen);
  }

  /** Puts the file back as it was. */
  async putBack(): Promise<void> {
    this.backMs = await this.save(() => this.options.file.write(this.original));
  }

  result(): EditResult {
    const { atEdit, backMs, before, inForceMs, refused, settled } = this;
    const total = this.count();
    return {
      inForceMs,
      changed: atEdit.latest?.text ?? '',
      circuits: atEdit.circuits,
      before,
      after: { orders: total.orders - settled.orders, inFull: total.inFull - settled.inFull },
      refusal: refused?.latest?.text,
      stayed: refused?.changed === atEdit.changed,
      backMs,
    };
  }

  /** Saves the file, and waits until it is in force: how long that took. */
  private async save(write: () => Promise<void>): Promise<number | undefined> {
    const { changed } = newsOf(await this.options.metrics());
    const savedAt = performance.now();
    await write();
    const seen = await this.until((metrics) => newsOf(metrics).changed > changed);
    return seen && performance.now() - savedAt;
  }

  private async until(
    isMet: (metrics: OrderMetrics) => boolean,
  ): Promise<OrderMetrics | undefined> {
    const { metrics: look, waitMs = 4_000 } = this.options;
    const end = performance.now() + waitMs;
    do {
      const metrics = await look();
      if (isMet(metrics)) return metrics;
      await sleep(pollMs);
    } while (performance.now() < end);
    return undefined;
  }

  private count(): InFull {
    const { degraded, orders, served } = this.options.tally.totals();
    return { orders, inFull: served - degraded };
  }
}
