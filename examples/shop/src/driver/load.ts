import { setTimeout as sleep } from 'node:timers/promises';
import type { BySide, SideName } from '../sides.ts';
import { sideNames } from '../sides.ts';
import { type Arrival, arrivals, type ArrivalsOptions } from './arrivals.ts';
import { place } from './customer.ts';
import type { Tally } from './tally.ts';

/** Where the customers of a while go, and who counts them. */
export interface LoadOptions extends ArrivalsOptions {
  readonly gateways: BySide<string>;
  readonly tallies: BySide<Tally>;
  readonly patienceMs: number;
  /** Ends the arrivals early. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends the same customers to both sides at the same instant, on time whatever the sides do; resolves
 * when the last one has his answer or has given up. A wait is counted from the moment when the
 * customer came, not when this process found time for him.
 */
export async function runLoad(options: LoadOptions): Promise<void> {
  const startedAt = performance.now();
  const visits: Promise<void>[] = [];
  for (const arrival of arrivals(options)) {
    await sleep(Math.max(0, startedAt + arrival.atMs - performance.now()));
    if (options.signal?.aborted === true) break;
    const wantedAt = startedAt + arrival.atMs;
    for (const side of sideNames) visits.push(visit(side, { arrival, options, wantedAt }));
  }
  await Promise.all(visits);
}

interface VisitOptions {
  readonly arrival: Arrival;
  readonly options: LoadOptions;
  readonly wantedAt: number;
}

async function visit(side: SideName, { arrival, options, wantedAt }: VisitOptions): Promise<void> {
  const tally = options.tallies[side];
  const { patienceMs } = options;
  tally.waiting++;
  tally.add(await place(arrival, { gatewayUrl: options.gateways[side], patienceMs, wantedAt }));
  tally.waiting--;
}
