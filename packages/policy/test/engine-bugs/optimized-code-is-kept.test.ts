import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** Warms a policy up, lets a collection of garbage find no call in flight, and tells what V8 dropped. */
function droppedBy(policy: string): string[] {
  const program = `
    import { compose } from '@holdfast/policy';
    import { timeout } from '@holdfast/timeout';
    const policy = ${policy};
    for (let i = 0; i < 100_000; i++) await policy.execute(async () => 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    globalThis.gc();
    await policy.execute(async () => 1);
  `;
  const flags = [
    '--conditions=@holdfast/source',
    '--input-type=module-typescript',
    '--no-warnings',
    '--expose-gc',
    '--trace-deopt',
  ];
  const { stdout, status } = spawnSync(process.execPath, [...flags, '--eval', program], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  const ours = /SharedFunctionInfo (start|direct|enterAll|unwindAll|through|enter|success|add)>/;
  return stdout.split('\n').filter((line) => line.includes('weak objects') && ours.test(line));
}

test('a collection of garbage between two calls leaves the optimized code alone', () => {
  expect(droppedBy('compose()')).toEqual([]);
  expect(droppedBy('timeout()')).toEqual([]);
});
