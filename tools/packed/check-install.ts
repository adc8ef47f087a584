// Installs the tarballs in an empty project and loads every entry, on the lowest supported Node and on this one.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { platformNode } from '../platform-node.ts';
import { type Package, publishedPackages } from '../packages.ts';
import { reportProblems } from '../report-problems.ts';
import { tarballOf } from './tarballs.ts';

const lowest = '22.13.1';
const packages = publishedPackages();
const entries = packages.flatMap(entriesOf);
const project = mkdtempSync(join(tmpdir(), 'holdfast-packed-'));
const problems: string[] = [];

try {
  writeProject();
  const installed = run('npm', [
    'install',
    '--prefer-offline',
    '--no-package-lock',
    '--loglevel=error',
  ]);
  if (installed.status === 0) loadEverywhere();
  else problems.push(`npm install: ${installed.stderr}`);
} finally {
  rmSync(project, { recursive: true, force: true });
}
reportProblems(problems, `${entries.length} entries load by import and by require`);

function writeProject(): void {
  const dependencies = Object.fromEntries(
    packages.map((item) => [item.name, `file:${tarballOf(item)}`]),
  );
  const manifest = { name: 'consumer', version: '1.0.0', private: true, dependencies };
  // Not published yet: what the packages ask of one another comes from the tarballs as well.
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ ...manifest, overrides: dependencies }),
  );
  copyFileSync('tools/packed/probe.mjs', join(project, 'probe.mjs'));
}

function loadEverywhere(): void {
  const here = run(process.execPath, ['probe.mjs', ...entries]);
  if (here.status !== 0) problems.push(here.stderr);

  const node = ['--yes', '--prefer-offline', '--package', `${platformNode}@${lowest}`];
  const reachable = run('npx', [...node, '-c', 'node --version']).status === 0;
  if (!reachable) {
    console.log(`Node ${lowest} cannot be had here: loaded on ${process.version} only`);
    return;
  }
  const there = run('npx', [...node, '-c', `node probe.mjs ${entries.join(' ')}`]);
  if (there.status !== 0) problems.push(there.stderr);
}

function run(command: string, args: readonly string[]): SpawnSyncReturns<string> {
  // npm hands its settings down by the environment: the consumer's project must not inherit ours.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_(config_(local_prefix|prefix)|package_)/.test(name),
    ),
  );
  const shell = process.platform === 'win32';
  return spawnSync(command, args, { cwd: project, encoding: 'utf8', shell, env });
}

function entriesOf({ name, manifest }: Package): string[] {
  return Object.entries(manifest.exports ?? {})
    .filter(([, target]) => typeof target !== 'string')
    .map(([path]) => path.replace('.', name));
}
