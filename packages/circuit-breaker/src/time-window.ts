/** Into how many parts a window of time is divided. */
export const parts = 10;

/** Where the counts of a part are; a clock may well begin below 0. */
function placeOf(part: number): number {
  const turn = part % parts;
  return (turn < 0 ? turn + parts : turn) * 2;
}

/** A window that has not counted anything has no ring yet. */
const nothing: number[] = [];

/**
 * Counts calls, and hits among them, in a window of time. The window is a ring of ten parts with
 * running totals. The parts begin at multiples of a tenth of the window; a call counts in the part in
 * which it ended, until the tenth part after that begins: for at least nine tenths of the window and
 * never for longer than all of it. What expires while nobody calls is taken off at the next look.
 */
export class TimeWindow {
  calls: number = 0;
  hits: number = 0;
  private readonly partMs: number;
  /** The number of the newest part, counted from the origin of the clock. */
  private newest: number = -Infinity;
  /** When the newest part ends: until then a call costs one comparison and an addition or two. */
  private endsAt: number = -Infinity;
  /** Where the counts of the newest part are. */
  private place: number = 0;
  /** What the parts before the newest have of `calls` and `hits`. */
  private olderCalls: number = 0;
  private olderHits: number = 0;
  /** Calls and hits of each part, in turn; of the newest one only once it has been written down. */
  private ring: number[] = nothing;

  constructor(windowMs: number) {
    this.partMs = windowMs / parts;
  }

  /** Counts a call that ended at `now`. A reading from before the newest part counts in that. */
  add(now: number, isHit: boolean): void {
    if (now >= this.endsAt) this.turnTo(Math.floor(now / this.partMs));
    this.calls++;
    if (isHit) this.hits++;
  }

  /** Takes off what has expired by `now`. */
  expire(now: number): void {
    if (now >= this.endsAt) this.turnTo(Math.floor(now / this.partMs));
  }

  clear(): void {
    this.calls = this.hits = this.olderCalls = this.olderHits = 0;
    this.newest = this.endsAt = -Infinity;
    this.ring = nothing;
  }

  /** Counts all that another window has in view, each part at its beginning. */
  takeOver(former: TimeWindow): void {
    former.eachPart((startsAt, calls, hits) => this.addPart(startsAt, calls, hits));
  }

  /** Calls back for each part in which there were calls, the oldest first. */
  eachPart(callback: (startsAt: number, calls: number, hits: number) => void): void {
    const { newest, partMs, ring } = this;
    if (ring === nothing) return;
    this.writeDown();
    for (let part = newest - parts + 1; part <= newest; part++) {
      const place = placeOf(part);
      // A little after the beginning, lest rounding puts it into the part before.
      const startsAt = (part + 0.001) * partMs;
      if (ring[place] !== 0) callback(startsAt, ring[place] as number, ring[place + 1] as number);
    }
  }

  /** Counts calls of the past; none may be older than what has been counted before. */
  addPart(startsAt: number, calls: number, hits: number): void {
    this.expire(startsAt);
    this.calls += calls;
    this.hits += hits;
  }

  /** Enters the counts of the newest part into the ring. */
  private writeDown(): void {
    const { ring, place } = this;
    ring[place] = this.calls - this.olderCalls;
    ring[place + 1] = this.hits - this.olderHits;
  }

  private turnTo(part: number): void {
    if (part <= this.newest) return;
    if (part - this.newest >= parts) {
      this.calls = this.hits = 0;
      this.ring = new Array<number>(parts * 2).fill(0);
    } else {
      this.writeDown();
      for (let next = this.newest + 1; next <= part; next++) this.drop(placeOf(next));
    }
    this.olderCalls = this.calls;
    this.olderHits = this.hits;
    this.newest = part;
    this.endsAt = (part + 1) * this.partMs;
    this.place = placeOf(part);
  }

  private drop(place: number): void {
    const { ring } = this;
    this.calls -= ring[place] as number;
    this.hits -= ring[place + 1] as number;
    ring[place] = ring[place + 1] = 0;
  }
}
