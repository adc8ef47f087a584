// `npm run fix`: writes all that can be written - API reports, snippets, format.
import { spawnSync } from 'node:child_process';

const commands: readonly (readonly string[])[] = [
  ['node_modules/turbo/bin/turbo', 'run', 'build', '--output-logs=errors-only'],
  ['tools/api-report.ts', '--write'],
  ['node_modules/@biomejs/biome/bin/biome', 'format', '--write', '.'],
  ['tools/check-snippets.ts', '--write'],
];

for (const command of commands) {
  const { status } = spawnSync(process.execPath, command, { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
