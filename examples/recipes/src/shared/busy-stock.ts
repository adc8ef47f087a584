import { setTimeout as sleep } from 'node:timers/promises';

let running = 0;
let most = 0;

/** How many calls ran at once at most. */
export function highest(): number {
  return most;
}

/** Tells how much of an article there is. */
export async function readStock(sku: string): Promise<number> {
  most = Math.max(most, ++running);
  await sleep(2);
  running--;
  return sku.length;
}
