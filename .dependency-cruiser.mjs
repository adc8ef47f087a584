// The star: policies import @holdfast/policy and nothing else of ours; @holdfast/policy imports nothing of ours.

/** What a package may import besides @holdfast/policy. An entry here needs a decision record. */
const alsoImports = {
  // Builds every policy from plain data: docs/decisions/0011-config-and-interop-import-policies.md
  config: [
    'bulkhead',
    'chaos',
    'circuit-breaker',
    'fallback',
    'hedge',
    'rate-limiter',
    'retry',
    'timeout',
  ],
  // Puts our policies behind the peers' own surfaces: the same decision.
  interop: ['bulkhead', 'cache', 'circuit-breaker', 'fallback', 'retry', 'timeout'],
  // Re-exports every policy: docs/decisions/0007-everything-in-one-install.md
  resilience: [
    'bulkhead',
    'cache',
    'chaos',
    'circuit-breaker',
    'fallback',
    'hedge',
    'rate-limiter',
    'retry',
    'timeout',
  ],
};

const exceptions = Object.keys(alsoImports).join('|') || '(none)';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circular',
      comment:
        'Two files that need each other are one idea, or hide a third file; types alone may circle.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'policy-stands-alone',
      comment: '@holdfast/policy imports no other package of ours.',
      severity: 'error',
      from: { path: '^packages/policy/src/' },
      to: { path: '^packages/', pathNot: '^packages/policy/' },
    },
    {
      name: 'only-policy',
      comment: 'A package imports @holdfast/policy and itself.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/src/', pathNot: `^packages/(${exceptions})/` },
      to: { path: '^packages/', pathNot: ['^packages/$1/', '^packages/policy/'] },
    },
    ...Object.entries(alsoImports).map(([name, others]) => ({
      name: `only-policy-and-${others.join('-and-')}`,
      severity: 'error',
      from: { path: `^packages/${name}/src/` },
      to: { path: '^packages/', pathNot: `^packages/(${[name, 'policy', ...others].join('|')})/` },
    })),
    {
      name: 'no-reaching-into-a-package',
      comment:
        'Packages, examples and benchmarks import a package by its name, not by a path into it.',
      severity: 'error',
      from: { path: '^(packages/[^/]+|examples/[^/]+|bench)/' },
      to: {
        path: '^(packages/[^/]+|examples/[^/]+|bench)/',
        pathNot: '^$1/',
        dependencyTypes: ['local'],
      },
    },
    {
      name: 'sources-do-not-import-tests',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/' },
      to: { path: '/test/' },
    },
    {
      name: 'no-undeclared-dependency',
      comment: 'What published code imports stands in its own package.json.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev', 'unknown'] },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    exclude: { path: ['(^|/)dist/', '^tools/new-package/template/'] },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@holdfast/source', 'import', 'node', 'default', 'types'],
    },
  },
};
