import type { Totals } from '../driver/tally.ts';
import type { EditResult, InFull } from '../operator/operator.ts';

/** Milliseconds, as a customer would say it. */
export function shownMs(value: number | undefined): string {
  if (value === undefined) return '–';
  return value < 1_000 ? `${Math.round(value)} ms` : `${(value / 1_000).toFixed(1)} s`;
}

/** A share of 1 as percent; never rounded up to 100. */
export function shownPercent(share: number): string {
  return `${Math.floor(share * 100)} %`;
}

/** What became of the orders of a client who sends too many. */
export function shownLimits({ limited, orders, successRate }: Totals): string {
  const refused = limited === 0 ? '' : `, ${shownPercent(limited / orders)} got a 429`;
  return `${shownPercent(successRate)} served${refused}`;
}

/** The share of the orders that were served in full; none of none. */
export function inFullShare({ inFull, orders }: InFull): number {
  return orders === 0 ? 0 : inFull / orders;
}

/** What an edit of the policies was good for. */
export function shownEffect({ after, before }: EditResult): string {
  const [first, then] = [before, after].map((totals) => shownPercent(inFullShare(totals)));
  return `in full: ${first} before the edit of policies.json, ${then} after it`;
}

/** A duration as minutes and seconds. */
export function shownClock(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
