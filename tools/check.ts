// `npm run check`: everything that must hold before a change is merged. Options: --only lint,types  --skip unit
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs, stripVTControlCharacters, styleText } from 'node:util';
import { runSteps, type StepResult } from './check/run-steps.ts';
import { selectSteps } from './check/select-steps.ts';
import { steps } from './check/steps.ts';

const tailLines = 30;
const marks = { passed: 'green', failed: 'red', skipped: 'yellow' } as const;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    skip: { type: 'string' },
    /** Where to write the results, for CI. */
    json: { type: 'string' },
  },
});

try {
  const results = await runSteps(selectSteps(steps, values), 2, printResult);
  summarize(results);
  if (values.json !== undefined) writeResults(values.json, results);
} catch (error) {
  if (!(error instanceof RangeError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

function printResult({ name, status, durationMs, output }: StepResult): void {
  const mark = styleText(marks[status], status.padEnd(7));
  console.log(`${mark}  ${name.padEnd(10)}  ${(durationMs / 1000).toFixed(1).padStart(5)} s`);
  if (status === 'passed') return;
  const lines = stripVTControlCharacters(output).trimEnd().split('\n');
  if (lines.length > tailLines) {
    console.log(`    ... ${lines.length - tailLines} lines before`);
  }
  for (const line of lines.slice(-tailLines)) console.log(`    ${line}`);
}

function summarize(results: readonly StepResult[]): void {
  const bad = results.filter(({ status }) => status !== 'passed').map(({ name }) => name);
  console.log(
    bad.length === 0
      ? `All ${results.length} checks hold.`
      : `${bad.length} of ${results.length} checks do not hold: ${bad.join(', ')}`,
  );
  if (bad.length > 0) process.exitCode = 1;
}

function writeResults(file: string, results: readonly StepResult[]): void {
  mkdirSync(dirname(file), { recursive: true });
  const short = results.map(({ name, status, durationMs }) => ({ name, status, durationMs }));
  writeFileSync(file, `${JSON.stringify(short, null, 2)}\n`);
}
