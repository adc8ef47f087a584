import type { Batch } from './batch.ts';
import { callsPerRound, median } from './measure.ts';

const most = 20_000;
const rounds = 5;

/**
 * The heap that a call leaves behind, in bytes, when no collection runs in between: the process needs
 * `--expose-gc` and a young generation that is large enough.
 */
export async function bytesPerCall(batch: Batch, size: number): Promise<number> {
  const collect = globalThis.gc;
  if (collect === undefined) throw new TypeError('To count bytes, a process needs --expose-gc.');
  const filling = await callsPerRound(batch, { roundMs: 60, size });
  const n = Math.max(size, Math.min(filling, most));
  const results: number[] = [];
  for (let i = 0; i < rounds; i++) {
    collect();
    const before = process.memoryUsage().heapUsed;
    await batch(n);
    results.push((process.memoryUsage().heapUsed - before) / n);
  }
  return median(results);
}
