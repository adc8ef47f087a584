import type { Weighed } from './group.ts';

/** What the instances of one contender weigh. */
export interface Weight {
  /** Bytes of one of them. */
  readonly bytes: number;
  /** Bytes of one of them that are still there when all have been dropped. */
  readonly left: number;
}

const turns = 5;

/** Memory in use once all garbage is gone, what lies outside the heap included. */
async function inUse(): Promise<number> {
  for (let i = 0; i < turns; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Makes and drops instances by the hundred thousand; the process needs `--expose-gc`. */
export async function weigh({ make, drop, most = 100_000 }: Weighed): Promise<Weight> {
  if (globalThis.gc === undefined) throw new TypeError('To weigh, a process needs --expose-gc.');
  // What is made once, for the first instance, is no instance's weight.
  let kept: unknown[] = Array.from({ length: 100 }, make);
  kept = [];
  drop?.();
  const places = new Array<unknown>(most).fill(undefined);
  const before = await inUse();
  kept = places;
  for (let i = 0; i < most; i++) kept[i] = make();
  const during = await inUse();
  kept.fill(undefined);
  drop?.();
  const after = await inUse();
  return { bytes: (during - before) / most, left: Math.max(0, (after - before) / most) };
}
