/** What has been measured of the calls that ended within a window. */
export class SampleWindow {
  private readonly windowMs: number;
  private readonly minSamples: number;
  private endsAt: number | undefined = undefined;
  private sum = 0;
  private drops = 0;
  /** How many latencies there are. */
  samples = 0;
  /** The most places that were held at once when any of the calls started. */
  peak = 0;

  constructor(windowMs: number, minSamples: number) {
    this.windowMs = windowMs;
    this.minSamples = minSamples;
  }

  /** The average latency; undefined if every call was dropped. */
  get latencyMs(): number | undefined {
    return this.samples > 0 ? this.sum / this.samples : undefined;
  }

  /** How large a part of the calls was dropped. */
  get dropShare(): number {
    return this.drops / (this.samples + this.drops);
  }

  add(latencyMs: number, inFlight: number): void {
    this.sum += latencyMs;
    this.samples++;
    this.peak = Math.max(this.peak, inFlight);
  }

  addDrop(): void {
    this.drops++;
  }

  /** Whether it has lasted long enough and seen enough. */
  isOver(now: number): boolean {
    this.endsAt ??= now + this.windowMs;
    return now >= this.endsAt && this.samples + this.drops >= this.minSamples;
  }

  /** Forgets everything; what is added next begins a window. */
  restart(): void {
    this.endsAt = undefined;
    this.sum = this.samples = this.drops = this.peak = 0;
  }
}
