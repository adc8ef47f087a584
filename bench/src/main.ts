/**
 * Measures Holdfast and its peers side by side: each contender in a process of its own, the processes
 * of all contenders interleaved over several passes, thread CPU time, medians, ratios to a base in the
 * same process. `npm run bench -- --help` lists the flags.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { writeChart } from './chart.ts';
import { machine, peerVersions } from './machine.ts';
import { nodeOf, thisNode } from './nodes.ts';
import { regressions } from './regressions.ts';
import { report } from './report.ts';
import { readResults, type Results, writeResults } from './results.ts';
import { runAll } from './run-all.ts';
import { measureSizes } from './sizes.ts';
import { sizeTable, tables } from './table.ts';

const help = `npm run bench -- [flags]

  --only text     only the groups, or contenders, whose name has this text
  --quick         short rounds
  --node 24,26    with these versions of Node; the first is the one that is compared
  --json          print for machines
  --write         measure everything on Node 24 and 26; write results.json, RESULTS.md and the chart
  --report        write RESULTS.md and the chart from results.json, without measuring
  --check         fail if a ratio of ours is 1.5 times the committed one, twice
`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    node: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
  },
});

const long = { passes: 2, settings: { roundMs: 60, rounds: 11 } };
const short = { passes: 1, settings: { roundMs: 30, rounds: 7 } };

async function measured(versions: readonly string[]): Promise<Results> {
  const text = values.only;
  const wants = (group: string, contender: string): boolean =>
    group.includes(text) || contender.includes(text);
  const nodes = versions.length === 0 ? [thisNode] : versions.map(nodeOf);
  const runs = [];
  for (const node of nodes)
    runs.push(await runAll({ ...(values.quick ? short : long), wants, node }));
  const sizes = 'size in an application'.includes(text) ? await measureSizes() : [];
  return { machine: machine(), peers: peerVersions(), runs, sizes };
}

function writePages(results: Results): void {
  writeFileSync(new URL('../RESULTS.md', import.meta.url), report(results));
  if (results.runs[0] !== undefined) writeChart(results.runs[0]);
}

async function check(): Promise<void> {
  const found = await regressions(readResults(), thisNode);
  for (const { group, contender, ratio, committed } of found) {
    console.error(
      `${group}, ${contender}: ${ratio.toFixed(2)} x its base, was ${committed.toFixed(2)}`,
    );
  }
  console.log(found.length === 0 ? 'No ratio has grown.' : `${found.length} ratios have grown.`);
  process.exitCode = found.length === 0 ? 0 : 1;
}

async function main(): Promise<void> {
  if (values.help) process.stdout.write(help);
  else if (values.check) await check();
  else if (values.report) writePages(readResults());
  else if (values.write && (values.quick || values.only !== '' || values.node !== '')) {
    console.error('--write measures everything: leave --quick, --only and --node away');
    process.exitCode = 2;
  } else if (values.write) {
    const results = await measured(['24', '26']);
    writeResults(results);
    writePages(results);
  } else {
    const results = await measured(values.node === '' ? [] : values.node.split(','));
    process.stdout.write(
      values.json
        ? `${JSON.stringify(results, undefined, 2)}\n`
        : `${tables(results.runs)}\n${sizeTable(results.sizes)}`,
    );
  }
}

await main();
