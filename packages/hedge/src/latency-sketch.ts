/** Each bucket reaches so many times as far as the one before: within 5 % of any latency. */
const growth = 1.1;
const logGrowth = Math.log(growth);
/** The first bucket reaches to here, in milliseconds. */
const shortestMs = 0.1;
/** The last bucket begins after some hours. */
const bucketCount = 192;

function bucketOf(latencyMs: number): number {
  if (!(latencyMs > shortestMs)) return 0;
  const bucket = Math.ceil(Math.log(latencyMs / shortestMs) / logGrowth);
  return Math.min(bucketCount - 1, bucket);
}

/** The middle of a bucket, by ratio. */
function latencyOf(bucket: number): number {
  return shortestMs * growth ** (bucket - 0.5);
}

/**
 * Counts of latencies in buckets whose borders grow by a tenth each, as in DDSketch (Masson, Rim and
 * Lee, 2019), of two windows in turn: what is older than two windows is forgotten.
 */
export class LatencySketch {
  private readonly windowMs: number;
  private present: Uint32Array = new Uint32Array(bucketCount);
  private former: Uint32Array = new Uint32Array(bucketCount);
  private presentCount = 0;
  private formerCount = 0;
  private windowEnd: number = Number.NEGATIVE_INFINITY;

  constructor(windowMs: number) {
    this.windowMs = windowMs;
  }

  /** How many latencies are remembered. */
  get count(): number {
    return this.presentCount + this.formerCount;
  }

  record(latencyMs: number, now: number): void {
    if (now >= this.windowEnd) this.turn(now);
    const bucket = bucketOf(latencyMs);
    this.present[bucket] = (this.present[bucket] as number) + 1;
    this.presentCount++;
  }

  /** The latency that this share of the calls did not exceed; 0 if there are none. */
  quantile(share: number): number {
    let rest = Math.ceil(share * this.count);
    if (rest === 0) return 0;
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      rest -= (this.present[bucket] as number) + (this.former[bucket] as number);
      if (rest <= 0) return latencyOf(bucket);
    }
    return latencyOf(bucketCount - 1);
  }

  private turn(now: number): void {
    const isFirst = this.windowEnd === Number.NEGATIVE_INFINITY;
    // After a longer pause not even the last window says anything about now.
    const keeps = isFirst || now < this.windowEnd + this.windowMs;
    const oldest = this.former;
    this.former = this.present;
    this.formerCount = this.presentCount;
    oldest.fill(0);
    this.present = oldest;
    this.presentCount = 0;
    this.windowEnd = now + this.windowMs;
    if (keeps) return;
    this.former.fill(0);
    this.formerCount = 0;
  }
}
