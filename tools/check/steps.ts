/** One thing that `npm run check` proves. */
export interface Step {
  readonly name: string;
  /** What Node runs: a file and its arguments. */
  readonly command: readonly string[];
  /** Steps that must have passed before this one may start. */
  readonly needs?: readonly string[] | undefined;
}

const bin = (path: string): string => `node_modules/${path}`;

/** In the order in which they start: the slow ones first, so that two at a time end together. */
export const steps: readonly Step[] = [
  { name: 'build', command: [bin('turbo/bin/turbo'), 'run', 'build', '--output-logs=errors-only'] },
  { name: 'unit', command: [bin('vitest/vitest.mjs'), 'run', '--reporter=dot'] },
  { name: 'docs', command: [bin('typedoc/bin/typedoc'), '--logLevel', 'Warn'] },
  { name: 'types', command: [bin('typescript-7/bin/tsc'), '--pretty', 'false'] },
  {
    name: 'format',
    command: [bin('@biomejs/biome/bin/biome'), 'format', '.', '--reporter=summary'],
  },
  { name: 'lint', command: [bin('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings'] },
  { name: 'source', command: ['tools/check-source.ts'] },
  {
    name: 'boundaries',
    command: [
      bin('dependency-cruiser/bin/dependency-cruiser.mjs'),
      'packages',
      'examples',
      'bench',
      'tools',
      '--config',
      '.dependency-cruiser.mjs',
    ],
  },
  { name: 'unused', command: [bin('knip/bin/knip.js'), '--no-config-hints'] },
  { name: 'publint', command: ['tools/check-publint.ts'], needs: ['build'] },
  { name: 'api', command: ['tools/api-report.ts'], needs: ['build'] },
  { name: 'pack', command: ['tools/packed/pack.ts'], needs: ['build'] },
  { name: 'attw', command: ['tools/packed/check-types.ts'], needs: ['pack'] },
  { name: 'install', command: ['tools/packed/check-install.ts'], needs: ['pack'] },
  { name: 'snippets', command: ['tools/check-snippets.ts'] },
  { name: 'defaults', command: ['tools/check-defaults.ts'] },
  { name: 'errors', command: ['tools/check-errors.ts'] },
  { name: 'readme', command: ['tools/check-readme.ts'] },
  { name: 'changesets', command: ['tools/check-changesets.ts'] },
  { name: 'lockfile', command: ['tools/check-lockfile.mjs'] },
];
