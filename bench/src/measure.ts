import type { Batch } from './batch.ts';

/** What one process measured of one contender. */
export interface Measurement {
  /** How many times the base costs: the median over pairs of rounds, one of each in turn. */
  readonly ratio: number;
  /** The lowest of those ratios. */
  readonly best: number;
  /** Thread CPU time of one call, in nanoseconds: the median of the rounds. */
  readonly cpuNs: number;
  /** Wall time of one call, in nanoseconds: the median of the rounds. */
  readonly wallNs: number;
}

export interface MeasureOptions {
  /** How long one round takes at least, in milliseconds. */
  readonly roundMs: number;
  readonly rounds: number;
  /** How many calls are made together. */
  readonly size: number;
}

/** The middle one; of an even number the upper of the two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** Microseconds of CPU time of this thread: the other threads of the process do not count. */
function cpuMicroseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

/** The number of calls that fill a round; the search warms the code up as well. */
export async function callsPerRound(
  batch: Batch,
  options: Pick<MeasureOptions, 'roundMs' | 'size'>,
): Promise<number> {
  const { roundMs, size } = options;
  let n = Math.max(size, 64);
  for (;;) {
    const began = performance.now();
    await batch(n);
    const tookMs = performance.now() - began;
    if (tookMs >= roundMs || n >= 2 ** 26) return n;
    const wanted = tookMs < 1 ? n * 8 : Math.min(n * 8, Math.ceil((n * roundMs * 1.1) / tookMs));
    n = Math.ceil(wanted / size) * size;
  }
}

/** One round, in nanoseconds per call. */
async function round(batch: Batch, calls: number): Promise<{ cpuNs: number; wallNs: number }> {
  const cpuBefore = cpuMicroseconds();
  const wallBefore = performance.now();
  await batch(calls);
  const wallNs = ((performance.now() - wallBefore) * 1e6) / calls;
  return { wallNs, cpuNs: ((cpuMicroseconds() - cpuBefore) * 1e3) / calls };
}

/**
 * Measures a contender in this process. A round of the base goes before each of its rounds: the speed
 * of a shared machine changes within seconds, and the ratio of neighbours hardly feels it.
 */
export async function measure(
  batch: Batch,
  base: Batch,
  options: MeasureOptions,
): Promise<Measurement> {
  const calls = await callsPerRound(batch, options);
  const baseCalls = await callsPerRound(base, options);
  for (let i = 0; i < 3; i++) await batch(calls);
  const cpu: number[] = [];
  const wall: number[] = [];
  const ratios: number[] = [];
  for (let i = 0; i < options.rounds; i++) {
    const before = await round(base, baseCalls);
    const { cpuNs, wallNs } = await round(batch, calls);
    cpu.push(cpuNs);
    wall.push(wallNs);
    ratios.push(cpuNs / before.cpuNs);
  }
  return {
    ratio: median(ratios),
    best: Math.min(...ratios),
    cpuNs: median(cpu),
    wallNs: median(wall),
  };
}
