import type { Results } from './results.ts';
import { sizeTable, tables } from './table.ts';

/** The page around the tables, with what one has to know to read them. */
export function report(results: Results): string {
  const peers = Object.entries(results.peers).map(([name, version]) => `${name} ${version}`);
  const nodes = results.runs.map(({ node }) => node).join(' and ');
  return `# Results

Written by \`npm run bench -- --write\`. [README.md](README.md) tells the method: compare ratios.

- Node ${nodes}, ${results.machine}
- ${peers.join(', ')}

${tables(results.runs)}
${sizeTable(results.sizes)}`;
}
