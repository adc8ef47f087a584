/** What a {@link Lot} is made from. */
export interface LotOptions {
  /** How many units there are. */
  readonly units: number;
  /** From when on they may go. */
  readonly from: number;
  /** When they may go no more. */
  readonly until: number;
  /** Only for calls that are there: the others must not have them. */
  readonly isForNow: boolean;
  /** How Redis knows them, should they come back. */
  readonly mark: string;
}

/** Units that Redis has granted, and that are not used yet. */
export class Lot {
  /** How many are left. */
  left: number;
  readonly from: number;
  readonly until: number;
  readonly isForNow: boolean;
  readonly mark: string;

  constructor({ units, from, until, isForNow, mark }: LotOptions) {
    this.left = units;
    this.from = from;
    this.until = until;
    this.isForNow = isForNow;
    this.mark = mark;
  }
}

/** Units that did not go; or that have gone, by their mark. */
export interface Returned {
  readonly units: number;
  readonly mark: string;
}

/** The mark of units that have gone while Redis was away, and that it has to count. */
const gone = '+';

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

  /** Remembers to tell Redis that so many units have gone without it. */
  charge(units: number): void {
    if (units > 0) this.returned.unshift({ units, mark: gone });
  }

  /** What Redis has not heard: of units that have gone it has to hear, though perhaps twice. */
  chargeAgain(returns: readonly Returned[]): void {
    for (const { units, mark } of returns) if (mark === gone) this.charge(units);
  }

  /** What Redis is to be told now. */
  takeReturns(): readonly Returned[] {
    return this.returned.splice(0, mostReturns);
  }

  /** Lets go of the lots that are used up or too old, and of those that nobody is there for. */
  tidy(now: number, isAwaited: boolean): void {
    if (this.lots.length === 0) return;
    this.left = 0;
    this.lots = this.lots.filter(({ left, from, until, isForNow, mark }) => {
      const isWanted = !isForNow || (isAwaited && from > now);
      const isKept = left > 0 && now < until && isWanted;
      if (isKept) this.left += left;
      else this.giveBack(left, mark);
      return isKept;
    });
  }

  /** Gives all back that is for calls to come. */
  giveSharesBack(): void {
    for (const lot of this.lots) {
      if (lot.isForNow) continue;
      this.giveBack(lot.left, lot.mark);
      this.left -= lot.left;
      lot.left = 0;
    }
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
