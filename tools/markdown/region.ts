/** The lines between `// #region name` and `// #endregion`, dedented; undefined if there is no such region. */
export function region(text: string, name: string): string | undefined {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.trim() === `// #region ${name}`);
  if (start < 0) return undefined;
  const length = lines
    .slice(start + 1)
    .findIndex((line) => line.trim().startsWith('// #endregion'));
  if (length < 0) return undefined;
  return dedent(lines.slice(start + 1, start + 1 + length));
}

function dedent(lines: readonly string[]): string {
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/));
  const indent = Math.min(...indents, 80);
  return lines.map((line) => `${line.slice(indent)}\n`).join('');
}
