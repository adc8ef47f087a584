/**
 * Decides when what is seen may be told: once it has been the same for a while, and is not what was
 * told last. A file that is being written is seen half-written, or not at all.
 */
export class Settling {
  private readonly settleMs: number;
  private told: string | undefined;
  private seen: string | undefined;
  private since = 0;

  constructor(settleMs: number) {
    this.settleMs = settleMs;
  }

  /**
   * What to do with what is seen now: `told` was told already; `wait` and look again; `tell` it.
   */
  observe(key: string, nowMs: number): 'told' | 'wait' | 'tell' {
    if (key !== this.seen) {
      this.seen = key;
      this.since = nowMs;
    }
    if (key === this.told) return 'told';
    if (nowMs - this.since < this.settleMs) return 'wait';
    this.told = key;
    return 'tell';
  }
}
