/** A small integer has 31 bits wherever Node runs; one is the sign. */
const bitsPerWord = 30;
const lastBit = 1 << (bitsPerWord - 1);

/** Which of the last `size` calls were hits: one bit per call, with a running total. */
export class CallWindow {
  calls: number = 0;
  hits: number = 0;
  private readonly size: number;
  private next: number = 0;
  /** Where the next call goes: the word, and the bit in it. */
  private word: number = 0;
  private bit: number = 1;
  private readonly words: number[];

  constructor(size: number) {
    this.size = size;
    this.words = new Array<number>(Math.ceil(size / bitsPerWord)).fill(0);
  }

  /** Counts a call in place of the oldest one. */
  add(isHit: boolean): void {
    const { word, bit, words } = this;
    const bits = words[word] as number;
    const wasHit = (bits & bit) !== 0;
    if (wasHit !== isHit) {
      words[word] = bits ^ bit;
      this.hits += isHit ? 1 : -1;
    }
    if (this.calls < this.size) this.calls++;
    this.step();
  }

  private step(): void {
    if (++this.next === this.size) this.next = this.word = 0;
    else if (this.bit !== lastBit) {
      this.bit <<= 1;
      return;
    } else this.word++;
    this.bit = 1;
  }

  clear(): void {
    this.calls = 0;
    this.hits = 0;
    this.next = this.word = 0;
    this.bit = 1;
    this.words.fill(0);
  }

  /** Counts the calls of another window again, the oldest first. */
  takeOver(former: CallWindow): void {
    for (let i = 0; i < former.calls; i++) this.add(former.isHit(i));
  }

  /** Whether the call that so many calls in view were before was a hit. */
  isHit(before: number): boolean {
    const place = (this.next - this.calls + this.size + before) % this.size;
    const bits = this.words[Math.trunc(place / bitsPerWord)] as number;
    return (bits & (1 << (place % bitsPerWord))) !== 0;
  }
}
