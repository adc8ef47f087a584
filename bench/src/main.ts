/**
 * Measures Holdfast and its peers side by side: each case in a process of its own, the processes of
 * all cases interleaved over several passes, thread CPU time, medians, ratios to the bare call in the
 * same process. `--quick` makes short rounds, `--only text` chooses groups, `--json` prints for machines,
 * `--write` writes RESULTS.md.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cases } from './cases/index.ts';
import type { Measurement } from './measure.ts';
import { report } from './report.ts';
import { type Row, table } from './table.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
if (values.write && (values.quick || values.only !== undefined)) {
  console.error('--write wants the whole table: leave --only and --quick away');
  process.exit(2);
}
const settings = values.quick
  ? { passes: 1, roundMs: 30, rounds: 7 }
  : { passes: 2, roundMs: 60, rounds: 11 };

const runCase = fileURLToPath(new URL('run-case.ts', import.meta.url));

function measured(index: number): Measurement {
  const young = ['--min-semi-space-size=256', '--max-semi-space-size=256'];
  const flags = ['--conditions=@holdfast/source', '--expose-gc', ...young];
  const args = [...flags, runCase, `${index}`, `${settings.roundMs}`, `${settings.rounds}`];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Measurement;
}

const isBare = (index: number): boolean => cases[index]?.group === 'bare call';
const chosen = cases
  .map((_, index) => index)
  .filter((i) => isBare(i) || values.only === undefined || cases[i]?.group.includes(values.only));
const results = new Map<number, Measurement[]>(chosen.map((index) => [index, []]));
for (let pass = 0; pass < settings.passes; pass++) {
  for (const index of chosen) {
    if (process.stderr.isTTY) {
      process.stderr.write(
        `\r\u001b[Kpass ${pass + 1}: ${cases[index]?.group} (${cases[index]?.library})`,
      );
    }
    results.get(index)?.push(measured(index));
  }
}
if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');

const rows: Row[] = chosen.map((index) => {
  const { group = '', library = '' } = cases[index] ?? {};
  return { group, library, measurements: results.get(index) ?? [] };
});
process.stdout.write(values.json ? `${JSON.stringify(rows, undefined, 2)}\n` : table(rows));
if (values.write) writeFileSync(new URL('../RESULTS.md', import.meta.url), report(rows));
