/** What is counted in one slice of the window, by name. */
const counters = [
  'failures',
  'fallbacks',
  'successes',
  'rejects',
  'fires',
  'timeouts',
  'cacheHits',
  'cacheMisses',
  'coalesceCacheHits',
  'coalesceCacheMisses',
  'semaphoreRejections',
] as const;

/** What can be counted. */
export type Counter = (typeof counters)[number];

/** The counts of one slice of the window. */
export interface Bucket {
  /** Calls that failed: the action, by a timeout, or because there was no place. */
  failures: number;
  /** Calls that the fallback was asked about. */
  fallbacks: number;
  /** Calls that succeeded, or failed with an error that the `errorFilter` passed. */
  successes: number;
  /** Calls that an open circuit did not let in. */
  rejects: number;
  /** Calls, whatever became of them. */
  fires: number;
  /** Calls that took longer than `timeout`. */
  timeouts: number;
  /** Calls that the cache answered. */
  cacheHits: number;
  /** Calls about which the cache knew nothing. */
  cacheMisses: number;
  /** Calls that got the answer of another one. */
  coalesceCacheHits: number;
  /** Calls that no other one answers. */
  coalesceCacheMisses: number;
  /** Calls for which there was no place. */
  semaphoreRejections: number;
  /** Always empty in a slice; see {@link Stats}. */
  percentiles: { [percentile: number]: number };
  /** How long the calls took that have ended, in milliseconds; empty without percentiles. */
  latencyTimes: number[];
  /** Whether the circuit has opened (true) or closed (false) in this slice. */
  isCircuitBreakerOpen?: boolean;
}

/** The counts of a whole window. */
export interface Stats extends Bucket {
  /** The mean of `latencyTimes`; -1 without percentiles. */
  latencyMean: number;
}

/** Makes a slice in which nothing has happened. */
export function emptyBucket(): Bucket {
  const counts = Object.fromEntries(counters.map((name) => [name, 0]));
  return { ...(counts as Record<Counter, number>), percentiles: {}, latencyTimes: [] };
}

/** Makes a slice of counts that were taken elsewhere, as far as they are given. */
export function bucketOf(counts: Partial<Stats>): Bucket {
  const { latencyTimes = [], percentiles = {} } = counts;
  return {
    ...emptyBucket(),
    ...counts,
    percentiles: { ...percentiles },
    latencyTimes: [...latencyTimes],
  };
}

const percentiles = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 1];

/** Adds slices up. */
export function totalOf(buckets: readonly Bucket[], withPercentiles: boolean): Stats {
  const total: Stats = { ...emptyBucket(), latencyMean: -1 };
  for (const bucket of buckets) {
    for (const name of counters) total[name] += bucket[name];
  }
  if (withPercentiles) addLatencies(total, buckets);
  else for (const each of percentiles) total.percentiles[each] = -1;
  return total;
}

function addLatencies(total: Stats, buckets: readonly Bucket[]): void {
  const times = buckets.flatMap((bucket) => bucket.latencyTimes).toSorted((a, b) => a - b);
  let sum = 0;
  for (const time of times) sum += time;
  total.latencyTimes = times;
  total.latencyMean = times.length === 0 ? 0 : sum / times.length;
  for (const each of percentiles) total.percentiles[each] = nearestRank(times, each);
}

/** The smallest of the sorted values that at least that share of them does not exceed. */
function nearestRank(sorted: readonly number[], share: number): number {
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? 0;
}
