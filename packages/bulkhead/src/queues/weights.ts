/**
 * Knows about how heavy the heaviest of some calls is, at a constant cost for each that comes or goes:
 * it counts them by the power of two that their weight comes to. What it tells is never less than the
 * weight of any of them, and less than twice that of the heaviest.
 */
export class Weights {
  /** How many weigh from 1 to below 2, from 2 to below 4, and so on. */
  private readonly counts: number[] = [];
  /** The heaviest of each of these that has come since there was last none. */
  private readonly most: number[] = [];

  get heaviest(): number {
    return this.most.at(-1) ?? 1;
  }

  add(weight: number): void {
    const { counts, most } = this;
    const at = classOf(weight);
    for (let next = counts.length; next <= at; next++) counts[next] = most[next] = 0;
    counts[at] = (counts[at] as number) + 1;
    most[at] = Math.max(most[at] as number, weight);
  }

  remove(weight: number): void {
    const { counts, most } = this;
    const at = classOf(weight);
    counts[at] = (counts[at] as number) - 1;
    if (counts[at] === 0) most[at] = 0;
    while (counts.at(-1) === 0) {
      counts.pop();
      most.pop();
    }
  }
}

/** Up to which power of two a weight goes. Rounding next to one of them is the same each time. */
function classOf(weight: number): number {
  return weight === 1 ? 0 : Math.floor(Math.log2(weight));
}
