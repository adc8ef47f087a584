/** The least number of letters to insert, leave out, replace or swap (optimal string alignment). */
function distance(a: string, b: string): number {
  const width = b.length + 1;
  const rows = [Array.from({ length: width }, (_each, i) => i)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j < width; j++) {
      const above = rows[i - 1] as number[];
      const isSame = a[i - 1] === b[j - 1];
      const least = Math.min(
        (above[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (above[j - 1] as number) + (isSame ? 0 : 1),
      );
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = isSwapped ? Math.min(least, (rows[i - 2]?.[j - 2] as number) + 1) : least;
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] as number;
}

/** What matters of a name: `half_open_calls` and `halfOpenCalls` are the same. */
function bare(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/gu, '');
}

/** How far apart two names are; a name that has the other in it is near, since only words are missing. */
function apart(name: string, other: string): number {
  const [a, b] = [bare(name), bare(other)];
  if (a === b) return 0;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  if (short.length >= 3 && long.includes(short)) return 1;
  return distance(a, b);
}

/** Nobody means a longer name, and comparing takes as much time and memory as both are long. */
const longest = 100;

/** The one of the known names that was probably meant. */
export function didYouMean(name: string, known: readonly string[]): string | undefined {
  if (name.length > longest) return undefined;
  const most = Math.max(1, Math.floor(bare(name).length / 3));
  const near = known
    .filter((other) => other.length <= longest)
    .map((other) => ({ other, far: apart(name, other) }))
    .filter(({ far }) => far <= most)
    .toSorted((a, b) => a.far - b.far);
  return near[0]?.other;
}

/** The question to add to a message, or nothing. */
export function suggestion(name: string, known: readonly string[]): string {
  const meant = didYouMean(name, known);
  return meant === undefined ? '' : ` (did you mean ${JSON.stringify(meant)}?)`;
}
