import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { type Row, table } from './table.ts';

const peers = ['cockatiel', 'opossum', 'p-retry', 'p-limit', 'p-queue', 'bottleneck'];

/** The version of a peer; its package.json need not be among its exports. */
function versionOf(name: string): string {
  const [folder] = createRequire(import.meta.url).resolve.paths(name) ?? [];
  for (const root of [folder, `${import.meta.dirname}/../../node_modules`]) {
    try {
      const text = readFileSync(`${root}/${name}/package.json`, 'utf8');
      return (JSON.parse(text) as { version: string }).version;
    } catch {
      // Installed in the other place.
    }
  }
  return 'unknown';
}

/** The table with what one has to know to read it: the machine and the versions. */
export function report(rows: readonly Row[]): string {
  const [cpu] = cpus();
  const versions = peers.map((name) => `${name} ${versionOf(name)}`).join(', ');
  return `# Results

Written by \`npm run bench -- --write\`. [README.md](README.md) tells the method: compare ratios.

- Node ${process.versions.node}, ${process.platform} ${process.arch}, ${cpus().length} x ${cpu?.model ?? 'unknown'}
- ${versions}

${table(rows)}`;
}
