/** Units that Redis has granted, and that are not used yet. */
export class Lot {
  /** How many are left. */
  left: number;
  /** From when on they may go. */
  readonly from: number;
  /** When they may go no more; Infinity for those that only calls of this moment may have. */
  readonly until: number;
  /** How Redis knows them, should they come back. */
  readonly mark: string;

  constructor(left: number, from: number, until: number, mark: string) {
    this.left = left;
    this.from = from;
    this.until = until;
    this.mark = mark;
  }
}

/** Units that did not go. */
export interface Returned {
  readonly units: number;
  readonly mark: string;
}

/** How many returns go with one question; more wait for the next. */
const mostReturns = 16;
/** With more, Redis is away: what is forgotten here stays counted there. */
const mostKept = 256;

/** The lots that a process has in hand for a key. */
export class Hand {
  /** How many units there are, those for later included. */
  left = 0;
  private lots: Lot[] = [];
  private returned: Returned[] = [];

  get isEmpty(): boolean {
    return this.lots.length === 0;
  }

  get hasReturns(): boolean {
    return this.returned.length > 0;
  }

  add(lot: Lot): void {
    this.lots.push(lot);
    this.left += lot.left;
  }

  /** Takes so many units from one lot, if there is one that has them. */
  take(now: number, units: number): Lot | undefined {
    const { lots } = this;
    for (let i = 0; i < lots.length; i++) {
      const lot = lots[i] as Lot;
      if (lot.left >= units && lot.from <= now && now < lot.until) {
        lot.left -= units;
        this.left -= units;
        return lot;
      }
    }
    return undefined;
  }

  /** Puts back what did not go after all. */
  putBack(lot: Lot, units: number): void {
    if (!this.lots.includes(lot)) this.giveBack(units, lot.mark);
    else {
      lot.left += units;
      this.left += units;
    }
  }

  /** Remembers to tell Redis that so many units did not go. */
  giveBack(units: number, mark: string): void {
    if (units > 0 && this.returned.length < mostKept) this.returned.push({ units, mark });
  }

  /** What Redis is to be told now. */
  takeReturns(): readonly Returned[] {
    return this.returned.splice(0, mostReturns);
  }

  /**
   * Lets go of the lots that are used up or too old, and of those for calls of this moment, unless they
   * are for later and somebody waits.
   */
  tidy(now: number, isAwaited: boolean): void {
    if (this.lots.length === 0) return;
    this.left = 0;
    this.lots = this.lots.filter(({ left, from, until, mark }) => {
      const isForNow = until === Number.POSITIVE_INFINITY;
      const isUseful = isAwaited ? !isForNow || from > now : !isForNow && from <= now;
      const isKept = left > 0 && now < until && isUseful;
      if (isKept) this.left += left;
      else this.giveBack(left, mark);
      return isKept;
    });
  }

  /** Gives all back that is not for later. */
  giveAllBack(now: number): void {
    this.lots = this.lots.map(({ left, from, until, mark }) => {
      if (from > now) return new Lot(left, from, until, mark);
      this.left -= left;
      this.giveBack(left, mark);
      return new Lot(0, from, until, mark);
    });
  }

  /** How many units are in hand at `now`. */
  unitsAt(now: number): number {
    let units = 0;
    for (const lot of this.lots) if (lot.from <= now && now < lot.until) units += lot.left;
    return units;
  }

  /** The first lot that will have so many units, or has. */
  lotFor(units: number, now: number): Lot | undefined {
    let first: Lot | undefined;
    for (const lot of this.lots) {
      const fits = lot.left >= units && now < lot.until;
      if (fits && (first === undefined || lot.from < first.from)) first = lot;
    }
    return first;
  }

  /** After how many milliseconds nothing is in hand any more. */
  resetAfter(now: number): number {
    let longest = 0;
    for (const { until } of this.lots) longest = Math.max(longest, until - now);
    return longest;
  }
}
