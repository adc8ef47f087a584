import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** What an application has of a library, bundled and minified, in bytes. */
export interface Size {
  readonly name: string;
  readonly min: number;
  readonly gzip: number;
}

interface Bundle {
  readonly name: string;
  /** What the application imports, by package. */
  readonly imports: Readonly<Record<string, string>>;
  /** What we want of `gzip`. */
  readonly goal?: number;
}

const one = 5 * 1_024;

function own(name: string, factory: string): Bundle {
  return {
    name: `holdfast, ${factory}`,
    imports: { [`@holdfast/${name}`]: factory },
    goal: one,
  };
}

const four = {
  '@holdfast/policy': 'compose',
  '@holdfast/timeout': 'timeout',
  '@holdfast/retry': 'retry',
  '@holdfast/circuit-breaker': 'circuitBreaker',
  '@holdfast/bulkhead': 'bulkhead',
};

/** What is bundled. */
export const bundles: readonly Bundle[] = [
  { name: 'holdfast, noop: the engine alone', imports: { '@holdfast/policy': 'noop' } },
  own('fallback', 'fallback'),
  own('timeout', 'timeout'),
  own('retry', 'retry'),
  own('bulkhead', 'bulkhead'),
  own('circuit-breaker', 'circuitBreaker'),
  own('rate-limiter', 'rateLimiter, gcra'),
  own('hedge', 'hedge'),
  own('cache', 'cache'),
  own('chaos', 'chaos, fault, rate'),
  { name: 'holdfast, timeout + retry + breaker + bulkhead', imports: four, goal: 8 * 1_024 },
  {
    name: 'eventemitter3, of which each of ours has one',
    imports: { eventemitter3: 'EventEmitter' },
  },
  {
    name: 'cockatiel, breaker',
    imports: { cockatiel: 'circuitBreaker, SamplingBreaker, handleAll' },
  },
  {
    name: 'cockatiel, timeout + retry + breaker + bulkhead',
    imports: {
      cockatiel: 'wrap, timeout, retry, circuitBreaker, bulkhead, SamplingBreaker, handleAll',
    },
  },
  { name: 'opossum', imports: { opossum: 'default' } },
  { name: 'mollitia', imports: { mollitia: 'Circuit, Retry, Timeout, Bulkhead' } },
  { name: 'effect, retry + timeout', imports: { effect: 'Effect' } },
  { name: 'p-retry', imports: { 'p-retry': 'default' } },
  { name: 'p-queue', imports: { 'p-queue': 'default' } },
  { name: 'bottleneck', imports: { bottleneck: 'default' } },
  { name: 'rate-limiter-flexible', imports: { 'rate-limiter-flexible': 'RateLimiterMemory' } },
];

function sourceOf({ imports }: Bundle): string {
  return Object.entries(imports)
    .map(([from, names], i) =>
      names === 'default'
        ? `export { default as it${i} } from '${from}';`
        : `export { ${names} } from '${from}';`,
    )
    .join('\n');
}

async function sizeOf(bundle: Bundle): Promise<Size> {
  const { outputFiles } = await build({
    stdin: {
      contents: sourceOf(bundle),
      resolveDir: fileURLToPath(new URL('..', import.meta.url)),
    },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    conditions: ['@holdfast/source'],
    logLevel: 'error',
  });
  const contents = outputFiles[0]?.contents ?? new Uint8Array();
  return {
    name: bundle.name,
    min: contents.length,
    gzip: gzipSync(contents, { level: 9 }).length,
  };
}

/** Bundles all that is to be compared. */
export async function measureSizes(): Promise<Size[]> {
  return Promise.all(bundles.map(sizeOf));
}
