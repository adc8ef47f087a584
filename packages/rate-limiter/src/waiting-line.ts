import type { ExecutionContext } from '@holdfast/policy';
import type { WaitingCall } from './waiting-call.ts';

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

/** The calls that wait for one limit. */
export interface WaitingLine {
  /** How many there are. */
  readonly size: number;
  add(call: WaitingCall): void;
  remove(call: WaitingCall): void;
  /** Who goes next. */
  next(now: number): WaitingCall | undefined;
  /** How many units go before a call of that rank that comes now, if nobody else comes. */
  unitsBefore(rank: number): number;
}

/** What a {@link WaitingOrder} really is. */
export interface LineOrder extends WaitingOrder {
  /** The rank of a call; throws what the user's function throws, and when it answers nonsense. */
  rankOf(context: ExecutionContext): number;
  /** The rank of whatever comes last. */
  readonly lastRank: number;
  makeLine(): WaitingLine;
}

/** The calls in the order in which they came. */
export class Row implements WaitingLine {
  size = 0;
  private first: WaitingCall | undefined = undefined;
  private last: WaitingCall | undefined = undefined;
  private units = 0;

  add(call: WaitingCall): void {
    const { last } = this;
    call.ahead = last;
    if (last === undefined) this.first = call;
    else last.behind = call;
    this.last = call;
    this.units += call.units;
    this.size++;
  }

  remove(call: WaitingCall): void {
    const { ahead, behind } = call;
    if (ahead === undefined) this.first = behind;
    else ahead.behind = behind;
    if (behind === undefined) this.last = ahead;
    else behind.ahead = ahead;
    call.ahead = call.behind = undefined;
    this.units -= call.units;
    this.size--;
  }

  next(): WaitingCall | undefined {
    return this.first;
  }

  unitsBefore(): number {
    return this.units;
  }
}
