// Adds up what .ci/run left in a folder, and ends with the one line `N passed, N failed`.
// Also runs when the installation failed: no dependencies and no TypeScript here.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
let passed = 0;
let failed = 0;

for (const file of readdirSync(folder).filter((name) => name.endsWith('.status'))) {
  const stage = file.replace('.status', '');
  const succeeded = readFileSync(join(folder, file), 'utf8').trim() === '0';
  const counts = countsOf(stage, succeeded);
  passed += counts.passed;
  // A stage that failed without a failing test, such as one that never began, counts as one.
  failed += succeeded ? counts.failed : Math.max(counts.failed, 1);
  console.log(
    `${stage}: ${succeeded ? 'ok' : 'FAILED'} (${counts.passed} passed, ${counts.failed} failed)`,
  );
}

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function countsOf(stage, succeeded) {
  if (['demo', 'bench', 'servers'].includes(stage)) {
    return { passed: succeeded ? 1 : 0, failed: succeeded ? 0 : 1 };
  }
  const results = read(join(folder, `${stage}.json`));
  if (Array.isArray(results)) {
    const good = results.filter(({ status }) => status === 'passed').length;
    return { passed: good, failed: results.length - good };
  }
  return { passed: results?.numPassedTests ?? 0, failed: results?.numFailedTests ?? 0 };
}

function read(file) {
  try {
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  } catch {
    return undefined;
  }
}
