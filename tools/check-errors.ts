// docs/errors.md lists every error code of the sources, and no other.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { tableRows } from './markdown/tables.ts';
import { reportProblems } from './report-problems.ts';

const page = 'docs/errors.md';
const literal = /\bcode\b[^=:;{}\n]*[:=] *'(?<code>[A-Z][A-Z0-9_]+)'/g;

const inCode = new Map<string, string>();
for (const file of globSync('packages/*/src/**/*.ts')) {
  // Node's own codes (ECONNRESET and friends) are compared, not declared, and errors live in errors.ts.
  if (!file.includes('error')) continue;
  for (const { groups } of readFileSync(file, 'utf8').matchAll(literal)) {
    inCode.set(groups?.['code'] ?? '', file);
  }
}

const text = existsSync(page) ? readFileSync(page, 'utf8') : '';
const listed = new Set(
  tableRows(text, ['Code']).map((row) => row['Code']?.replaceAll('`', '') ?? ''),
);

reportProblems(
  [
    ...[...inCode]
      .filter(([code]) => !listed.has(code))
      .map(([code, file]) => `${page}: no row for ${code} of ${file} (the column is called Code)`),
    ...[...listed]
      .filter((code) => !inCode.has(code))
      .map((code) => `${page}: no source declares ${code}`),
  ],
  `${inCode.size} error codes are documented`,
);
