/** What the scripts do, told once more, in milliseconds. */
export interface FakeLimit {
  /** How many units were granted and did not come back. */
  readonly granted: number;
  run(now: number, args: readonly string[]): string;
}

const microseconds = 1_000;
const rounding = 1e-6;

interface Wish {
  readonly need: number;
  readonly want: number;
  readonly extra: number;
  readonly holdMs: number;
  readonly ahead: number;
  readonly lateMs: number;
  readonly longestMs: number;
  readonly returns: readonly (readonly [units: number, mark: string])[];
}

function wishOf(args: readonly string[]): Wish {
  const [hold, need, want, extra, ahead, late, longest] = args.slice(0, 7).map(Number);
  const returns: [number, string][] = [];
  for (let i = 7; i < args.length; i += 2) returns.push([Number(args[i]), args[i + 1] as string]);
  return {
    need: need as number,
    want: want as number,
    extra: extra as number,
    holdMs: (hold as number) / microseconds,
    ahead: ahead as number,
    lateMs: (late as number) / microseconds,
    longestMs: (longest as number) / microseconds,
    returns,
  };
}

interface Grants {
  granted: number;
  waitMs: number;
  mark: string;
  extra: number;
  extraMark: string;
}

function nothing(): Grants {
  return { granted: 0, waitMs: 0, mark: '-', extra: 0, extraMark: '-' };
}

function told({ granted, waitMs, mark, extra, extraMark }: Grants, rest: number[]): string {
  const inMicroseconds = (ms: number): number => Math.ceil(ms * microseconds - rounding);
  const [retryMs = 0, remaining = 0, resetMs = 0] = rest;
  const numbers = [granted, inMicroseconds(waitMs), inMicroseconds(retryMs), remaining];
  return [...numbers, inMicroseconds(resetMs), mark, extra, extraMark].join(' ');
}

export class FakeBucket implements FakeLimit {
  granted = 0;
  private level = 0;
  private at = Number.NEGATIVE_INFINITY;
  private poured = 0;
  private last = 0;

  run(now: number, [interval, capacity, ...rest]: readonly string[]): string {
    const wish = wishOf(rest);
    const intervalMs = Number(interval) / microseconds;
    const capacityMs = Number(capacity) / microseconds;
    this.level = Math.max(0, this.level - Math.max(0, now - this.at));
    this.at = now;
    for (const [units, mark] of wish.returns) {
      if (mark === '+') this.pour(now, units * intervalMs, 0);
      else this.takeBack(now, units, mark, intervalMs);
    }
    const grants = nothing();
    const roomAt = (base: number): number =>
      Math.max(0, Math.floor((capacityMs - base + rounding) / intervalMs));
    const { need, want, extra, holdMs, ahead, lateMs, longestMs } = wish;
    if (want > 0) {
      const room = roomAt(this.level);
      if (room >= need) {
        grants.granted = Math.min(want, room);
        grants.mark = this.pour(now, grants.granted * intervalMs, 0);
      } else if (ahead > 0) {
        let units = ahead;
        if (this.level + units * intervalMs - capacityMs > longestMs) units = need;
        const delay = Math.max(0, this.level + units * intervalMs - capacityMs);
        if (delay <= longestMs && lateMs + units * intervalMs <= capacityMs + rounding) {
          grants.granted = units;
          grants.waitMs = delay;
          grants.mark = this.pour(now, units * intervalMs, delay + lateMs);
        }
      }
    }
    if (extra > 0 && grants.waitMs === 0 && grants.granted === want) {
      grants.extra = Math.min(extra, roomAt(Math.max(this.level, holdMs)));
      if (grants.extra > 0) {
        grants.extraMark = this.pour(now, grants.extra * intervalMs, holdMs);
      }
    }
    this.granted += grants.granted + grants.extra;
    const retryMs = Math.max(0, this.level + need * intervalMs - capacityMs);
    return told(grants, [retryMs < rounding ? 0 : retryMs, roomAt(this.level), this.level]);
  }

  private pour(now: number, ms: number, delayMs: number): string {
    this.level = Math.max(this.level, delayMs) + ms;
    this.poured += ms;
    this.last = Math.max(this.last, now + delayMs);
    return `1/${this.poured}`;
  }

  private takeBack(now: number, units: number, mark: string, intervalMs: number): void {
    this.granted -= units;
    const later = this.poured - Number(mark.slice(2));
    if (!mark.startsWith('1/') || later < 0) return;
    const least = later > 0 ? Math.max(0, this.last - now) + later : 0;
    this.level = Math.min(this.level, Math.max(this.level - units * intervalMs, least));
  }
}

export class FakeWindow implements FakeLimit {
  granted = 0;
  private entries = new Map<number, number>();

  run(now: number, [limitText, window, ...rest]: readonly string[]): string {
    const wish = wishOf(rest);
    const limit = Number(limitText);
    const windowMs = Number(window) / microseconds;
    const stepMs = Math.max(1 / microseconds, windowMs / 1_000);
    for (const moment of this.entries.keys()) {
      if (moment <= now - windowMs + rounding) this.entries.delete(moment);
    }
    const waitFor = (units: number): number => {
      let missing = this.total + units - limit;
      if (missing <= 0) return 0;
      for (const [moment, gone] of [...this.entries].toSorted(([a], [b]) => a - b)) {
        missing -= gone;
        if (missing <= 0) return Math.max(1 / microseconds, moment + windowMs - now);
      }
      return windowMs;
    };
    const countAt = (units: number, delayMs: number): string => {
      const moment = Math.ceil((now + delayMs) / stepMs - rounding) * stepMs;
      this.entries.set(moment, (this.entries.get(moment) ?? 0) + units);
      return String(moment);
    };
    for (const [units, mark] of wish.returns) {
      if (mark === '+') countAt(units, 0);
      else this.takeBack(units, Number(mark));
    }
    const grants = nothing();
    const { need, want, extra, holdMs, ahead, lateMs, longestMs } = wish;
    if (want > 0) {
      if (limit - this.total >= need) {
        grants.granted = Math.min(want, limit - this.total);
        grants.mark = countAt(grants.granted, 0);
      } else if (ahead > 0) {
        const units = waitFor(ahead) > longestMs ? need : ahead;
        const delay = waitFor(units);
        if (delay <= longestMs) {
          grants.granted = units;
          grants.waitMs = delay;
          grants.mark = countAt(units, delay + lateMs);
        }
      }
    }
    if (extra > 0 && grants.waitMs === 0 && grants.granted === want) {
      grants.extra = Math.max(0, Math.min(extra, limit - this.total));
      if (grants.extra > 0) grants.extraMark = countAt(grants.extra, holdMs);
    }
    this.granted += grants.granted + grants.extra;
    const newest = Math.max(0, ...this.entries.keys());
    const resetMs = this.total === 0 ? 0 : Math.max(0, newest + windowMs - now);
    return told(grants, [waitFor(need), Math.max(0, limit - this.total), resetMs]);
  }

  private get total(): number {
    let sum = 0;
    for (const units of this.entries.values()) sum += units;
    return sum;
  }

  private takeBack(units: number, moment: number): void {
    const had = this.entries.get(moment) ?? 0;
    this.granted -= units;
    if (had > units) this.entries.set(moment, had - units);
    else this.entries.delete(moment);
  }
}
