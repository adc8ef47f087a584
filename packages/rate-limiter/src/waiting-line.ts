import type { WaitingCall } from './waiting-call.ts';

/** The calls of one class, in the order in which they came. */
class Row {
  first: WaitingCall | undefined = undefined;
  private last: WaitingCall | undefined = undefined;
  /** Units of all of them. */
  units = 0;

  add(call: WaitingCall): void {
    const { last } = this;
    call.ahead = last;
    if (last === undefined) this.first = call;
    else last.behind = call;
    this.last = call;
    this.units += call.units;
  }

  remove(call: WaitingCall): void {
    const { ahead, behind } = call;
    if (ahead === undefined) this.first = behind;
    else ahead.behind = behind;
    if (behind === undefined) this.last = ahead;
    else behind.ahead = ahead;
    call.ahead = call.behind = undefined;
    this.units -= call.units;
  }
}

/** The class that a call has come to by its age. */
function agedClass(call: WaitingCall, now: number, ageAfterMs: number): number {
  return Math.max(0, call.urgency - Math.floor(Math.max(0, now - call.since) / ageAfterMs));
}

/** The calls that wait for one limit: a row for each class, made when it is needed. */
export class WaitingLine {
  size = 0;
  private readonly rows: (Row | undefined)[] = [];
  private readonly ageAfterMs: number;

  constructor(ageAfterMs: number) {
    this.ageAfterMs = ageAfterMs;
  }

  add(call: WaitingCall): void {
    (this.rows[call.urgency] ??= new Row()).add(call);
    this.size++;
  }

  remove(call: WaitingCall): void {
    this.rows[call.urgency]?.remove(call);
    this.size--;
  }

  /** Who goes next: of the best class, by the age of its first call, whoever came first. */
  next(now: number): WaitingCall | undefined {
    let best: WaitingCall | undefined;
    let bestClass = 0;
    for (const row of this.rows) {
      const call = row?.first;
      if (call === undefined) continue;
      const own = agedClass(call, now, this.ageAfterMs);
      if (best !== undefined && (own - bestClass || call.since - best.since) >= 0) continue;
      best = call;
      bestClass = own;
    }
    return best;
  }

  /** How many units go before a call of that class that comes now, if nobody else comes. */
  unitsBefore(urgency: number): number {
    let units = 0;
    for (const row of this.rows.slice(0, urgency + 1)) units += row?.units ?? 0;
    return units;
  }
}
