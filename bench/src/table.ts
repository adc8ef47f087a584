import type { Measurement } from './measure.ts';

/** All measurements of one case. */
export interface Row {
  readonly group: string;
  readonly library: string;
  readonly measurements: readonly Measurement[];
}

function middle(row: Row, of: (measurement: Measurement) => number | undefined): number {
  const sorted = row.measurements.map((each) => of(each) ?? Number.NaN).toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** A table in Markdown; the ratio is to the bare call in the same process. */
export function table(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const cpuNs = middle(row, (each) => each.cpuNs);
    const ratio = middle(row, (each) => each.ratio).toFixed(2);
    const bytes = middle(row, (each) => each.bytes);
    const wallNs = middle(row, (each) => each.wallNs);
    return `| ${row.group} | ${row.library} | ${cpuNs.toFixed(0)} | ${ratio} | ${wallNs.toFixed(0)} | ${bytes.toFixed(0)} |`;
  });
  const head =
    '| case | library | ns CPU | x bare | ns wall | bytes |\n| --- | --- | --- | --- | --- | --- |';
  return `${head}\n${lines.join('\n')}\n`;
}
