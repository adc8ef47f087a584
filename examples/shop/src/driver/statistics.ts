/** The value that so many percent of the values do not exceed (nearest rank); undefined if there is none. */
export function percentile(values: readonly number[], percent: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[rank - 1];
}

/** A part of a whole, from 0 to 1; 1 of nothing, since nothing went wrong. */
export function shareOf(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole;
}
