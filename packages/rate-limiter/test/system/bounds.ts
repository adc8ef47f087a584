import type { Logged } from './workers.ts';

/** By how much a bucket was overfull at the worst moment, in units; 0 or less if it never was. */
export function overBucket(
  starts: readonly Logged[],
  { rate, capacity }: { readonly rate: number; readonly capacity: number },
): number {
  let level = 0;
  let worst = 0;
  let last = starts[0]?.at ?? 0;
  for (const { at } of starts) {
    level = Math.max(0, level - ((at - last) * rate) / 1_000) + 1;
    worst = Math.max(worst, level - capacity);
    last = at;
  }
  return worst;
}

/** The most that went within any time of that length. */
export function mostWithin(starts: readonly Logged[], ms: number): number {
  let most = 0;
  let from = 0;
  for (const [to, { at }] of starts.entries()) {
    while ((starts[from]?.at ?? 0) <= at - ms) from++;
    most = Math.max(most, to - from + 1);
  }
  return most;
}

/** How many went from one moment to another. */
export function countBetween(starts: readonly Logged[], from: number, to: number): number {
  return starts.filter(({ at }) => at >= from && at < to).length;
}
