// `npm run matrix`: the unit tests on every Node that we support.
import { spawnSync } from 'node:child_process';
import { platformNode } from './platform-node.ts';

const versions = ['22', '24', '26'];
const failed: string[] = [];

for (const version of versions) {
  // Not by an npm script: npm would put this repository's own Node first in its PATH.
  const tests = 'node --version && node node_modules/vitest/vitest.mjs run --reporter=dot';
  const args = ['--yes', '--package', `${platformNode}@${version}`, '-c', tests];
  const { status } = spawnSync('npx', args, {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) failed.push(version);
}

console.log(
  failed.length === 0 ? `passed on ${versions.join(', ')}` : `failed on ${failed.join(', ')}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
