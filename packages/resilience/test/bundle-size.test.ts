import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const noise = 1.002;

/**
 * How many bytes an application has of what it imports, as it is and compressed. Which names get the
 * shortest letters depends on the order of the modules: that is the noise below.
 */
async function sizeOf(code: string): Promise<{ readonly bytes: number; readonly gzip: number }> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    conditions: ['@holdfast/source'],
  });
  const contents = outputFiles[0]?.contents ?? new Uint8Array();
  return { bytes: contents.length, gzip: gzipSync(contents, { level: 9 }).length };
}

test.each([
  ['bulkhead', 'bulkhead'],
  ['cache', 'cache'],
  ['cache', 'coalesce'],
  ['chaos', 'chaos'],
  ['circuit-breaker', 'circuitBreaker'],
  ['fallback', 'fallback'],
  ['hedge', 'hedge'],
  ['policy', 'compose'],
  ['policy', 'keyed'],
  ['rate-limiter', 'rateLimiter'],
  ['retry', 'retry'],
  ['timeout', 'timeout'],
])('from here, what %s has as %s costs no more than from there', async (name, factory) => {
  const own = await sizeOf(`export { ${factory} } from '@holdfast/${name}'`);
  const here = await sizeOf(`export { ${factory} } from '@holdfast/resilience'`);
  expect(here.bytes).toBeLessThanOrEqual(own.bytes * noise);
  expect(here.gzip).toBeLessThanOrEqual(own.gzip * noise);
});

test('four policies cost no more than from their packages', async () => {
  const names = { retry: 'retry', timeout: 'timeout', bulkhead: 'bulkhead', policy: 'compose' };
  const own = Object.entries(names).map(
    ([from, what]) => `export { ${what} } from '@holdfast/${from}'`,
  );
  const here = `export { ${Object.values(names).join(', ')} } from '@holdfast/resilience'`;
  expect((await sizeOf(here)).bytes).toBeLessThanOrEqual(
    (await sizeOf(own.join(';'))).bytes * noise,
  );
});

test('a preset brings its own policies along, and no others', async () => {
  const { bytes } = await sizeOf(`export { awsStandardRetry } from '@holdfast/resilience'`);
  const retry = await sizeOf(`export { retry, exponential } from '@holdfast/retry'`);
  expect(bytes).toBeLessThan(retry.bytes + 1_000);
});
