import type { ExecutionContext } from '@holdfast/policy';

/**
 * In which order calls wait: a description without state, so that several limiters may be made with
 * one. Made by {@link byPriority}.
 */
export interface WaitingOrder {
  /** Which order this is. */
  readonly order: 'priority';
  /** Its options, defaults included, for `describe()`; functions are left out. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** A call as the line sees it in which it waits. */
export interface LineMember<Self> {
  ahead: Self | undefined;
  behind: Self | undefined;
  /** How many units it is. */
  readonly units: number;
  /** Its rank among those that wait; see {@link LineOrder}. */
  readonly rank: number;
  /** When it began to wait. */
  readonly since: number;
}

/** The calls that wait for one limit. */
export interface WaitingLine<Call> {
  /** How many there are. */
  readonly size: number;
  add(call: Call): void;
  remove(call: Call): void;
  /** Who goes next. */
  next(now: number): Call | undefined;
  /** How many units go before a call of that rank that comes now, if nobody else comes. */
  unitsBefore(rank: number): number;
}

/** What a {@link WaitingOrder} really is. */
export interface LineOrder extends WaitingOrder {
  /** The rank of a call; throws what the user's function throws, and when it answers nonsense. */
  rankOf(context: ExecutionContext): number;
  /** The rank of whatever comes last. */
  readonly lastRank: number;
  makeLine<Call extends LineMember<Call>>(): WaitingLine<Call>;
}

/** The calls in the order in which they came. */
export class Row<Call extends LineMember<Call>> implements WaitingLine<Call> {
  size = 0;
  private first: Call | undefined = undefined;
  private last: Call | undefined = undefined;
  private units = 0;

  add(call: Call): void {
    const { last } = this;
    call.ahead = last;
    if (last === undefined) this.first = call;
    else last.behind = call;
    this.last = call;
    this.units += call.units;
    this.size++;
  }

  remove(call: Call): void {
    const { ahead, behind } = call;
    if (ahead === undefined) this.first = behind;
    else ahead.behind = behind;
    if (behind === undefined) this.last = ahead;
    else behind.ahead = ahead;
    call.ahead = call.behind = undefined;
    this.units -= call.units;
    this.size--;
  }

  next(): Call | undefined {
    return this.first;
  }

  unitsBefore(): number {
    return this.units;
  }
}
