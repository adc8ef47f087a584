import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** In a process of its own, where the garbage can be collected by hand. */
function heapGrowth(policy: string): { readonly grownBytes: number; readonly size: number } {
  const script = `
    import { compose, keyed } from '@holdfast/policy';
    import { circuitBreaker } from '@holdfast/circuit-breaker';
    import { bulkhead } from '@holdfast/bulkhead';
    import { retry } from '@holdfast/retry';
    let n = 0;
    const policy = ${policy};
    async function calls(count) {
      for (let i = 0; i < count; i++) {
        n++;
        await policy.outcome(() => n % 3 === 0 ? Promise.reject(new Error('down')) : n);
      }
    }
    async function heap() {
      for (let i = 0; i < 5; i++) { await new Promise(setImmediate); gc(); }
      return process.memoryUsage().heapUsed;
    }
    await calls(20_000);
    const before = await heap();
    await calls(100_000);
    const after = await heap();
    console.log(JSON.stringify({ grownBytes: after - before, size: policy.size ?? 0 }));
  `;
  const flags = ['--expose-gc', '--conditions=@holdfast/source', '--no-warnings'];
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [...flags, '--input-type=module', '-e', script],
    { cwd: import.meta.dirname, encoding: 'utf8' },
  );
  if (stderr !== '') throw new Error(stderr);
  return JSON.parse(stdout) as { grownBytes: number; size: number };
}

const key = '{ key: () => `key ${n}`, maxKeys: 1_000 }';

test.each([
  ['a circuit breaker', `keyed(() => circuitBreaker(), ${key})`],
  ['a bulkhead', `keyed(() => bulkhead(), ${key})`],
  [
    'a pipeline in a pipeline that is made for each call',
    `(() => {
      const inner = keyed(() => compose(circuitBreaker(), bulkhead()), ${key});
      return { outcome: (operation) => compose(retry({ maxAttempts: 1 }), inner).outcome(operation) };
    })()`,
  ],
])('100,000 keys of %s leave no more than maxKeys behind', (_, policy) => {
  const { grownBytes, size } = heapGrowth(policy);
  expect(size).toBeLessThanOrEqual(1_000);
  // A breaker alone would be more than 500 B for each key.
  expect(grownBytes / 100_000).toBeLessThan(10);
});

test('a pipeline that is gone is not held by the keys that it used', () => {
  const { grownBytes } = heapGrowth(`(() => {
    const inner = keyed(() => circuitBreaker(), { key: () => 'a' });
    return { outcome: (operation) => compose(retry({ maxAttempts: 1 }), inner).outcome(operation) };
  })()`);
  expect(grownBytes / 100_000).toBeLessThan(10);
});
