// "Are the types wrong?" on every tarball: what a consumer's compiler finds must match what Node loads.
import { spawnSync } from 'node:child_process';
import { publishedPackages } from '../packages.ts';
import { reportProblems } from '../report-problems.ts';
import { tarballOf } from './tarballs.ts';

const attw = 'node_modules/@arethetypeswrong/cli/dist/index.js';
const problems: string[] = [];
const packages = publishedPackages();
for (const item of packages) {
  const args = [attw, tarballOf(item), '--profile', 'esm-only', '--no-color', '--no-emoji'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) problems.push(`${item.name}:\n${stdout}${stderr}`);
}
reportProblems(problems, `the types of ${packages.length} packages are right`);
