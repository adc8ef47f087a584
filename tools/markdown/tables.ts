/** A row of a Markdown table, by the heads of its columns. */
export type TableRow = Readonly<Record<string, string>>;

/** The rows of every table that has all the given columns. */
export function tableRows(text: string, columns: readonly string[]): TableRow[] {
  const rows: TableRow[] = [];
  let heads: string[] | undefined;
  for (const line of text.split('\n')) {
    if (!line.trim().startsWith('|')) {
      heads = undefined;
      continue;
    }
    const row = cells(line);
    if (heads === undefined) heads = row;
    else if (columns.every((column) => heads?.includes(column)) && !isRule(row)) {
      rows.push(Object.fromEntries(heads.map((head, index) => [head, row[index] ?? ''])));
    }
  }
  return rows;
}

function cells(line: string): string[] {
  const inner = line
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '');
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'));
}

function isRule(row: readonly string[]): boolean {
  return row.every((cell) => /^:?-+:?$/.test(cell));
}
