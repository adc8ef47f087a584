/** Awaits the measured call `n` times, one after the other. */
export type Batch = (n: number) => Promise<void>;

/** What one process measured of one case. */
export interface Measurement {
  /** Thread CPU time of one call, in nanoseconds: the median of the rounds. */
  readonly cpuNs: number;
  /** Wall time of one call, in nanoseconds: the median of the rounds. */
  readonly wallNs: number;
  /** Heap that one call allocates, in bytes; undefined when the process cannot tell. */
  readonly bytes: number | undefined;
}

export interface MeasureOptions {
  /** How long one round takes at least, in milliseconds. */
  readonly roundMs: number;
  readonly rounds: number;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}

/** Microseconds of CPU time of this thread: the other threads of the process do not count. */
function cpuMicroseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

/** The number of calls that fill a round; the search warms the code up as well. */
async function callsPerRound(batch: Batch, roundMs: number): Promise<number> {
  let n = 64;
  for (;;) {
    const began = performance.now();
    await batch(n);
    const tookMs = performance.now() - began;
    if (tookMs >= roundMs || n >= 2 ** 24) return n;
    n = tookMs < 1 ? n * 8 : Math.min(n * 8, Math.ceil((n * roundMs * 1.1) / tookMs));
  }
}

/** The heap that a call leaves behind when no collection runs in between. */
async function bytesPerCall(batch: Batch, calls: number): Promise<number | undefined> {
  const collect = globalThis.gc;
  if (collect === undefined) return undefined;
  const n = Math.min(calls, 20_000);
  const results: number[] = [];
  for (let i = 0; i < 3; i++) {
    collect();
    const before = process.memoryUsage().heapUsed;
    await batch(n);
    results.push((process.memoryUsage().heapUsed - before) / n);
  }
  return median(results);
}

/** Measures a case in this process. */
export async function measure(batch: Batch, options: MeasureOptions): Promise<Measurement> {
  const calls = await callsPerRound(batch, options.roundMs);
  for (let i = 0; i < 3; i++) await batch(calls);
  const cpu: number[] = [];
  const wall: number[] = [];
  for (let i = 0; i < options.rounds; i++) {
    const cpuBefore = cpuMicroseconds();
    const wallBefore = performance.now();
    await batch(calls);
    wall.push(((performance.now() - wallBefore) * 1e6) / calls);
    cpu.push(((cpuMicroseconds() - cpuBefore) * 1e3) / calls);
  }
  return { cpuNs: median(cpu), wallNs: median(wall), bytes: await bytesPerCall(batch, calls) };
}
