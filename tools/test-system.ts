// `npm run test:system`: the tests that need a real server. Arguments go to vitest.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';

if (globSync('{packages/*,examples/*,tools/servers}/test/system/**/*.test.ts').length === 0) {
  console.log('0 system tests');
} else {
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.system.config.ts'];
  const args = [...vitest, ...process.argv.slice(2)];
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
}
