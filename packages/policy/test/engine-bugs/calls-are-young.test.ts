import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/**
 * Lets calls wait while garbage is collected, again and again, so that V8 learns that what is made for
 * a call lives long. Then it tells how many of the next hundred calls still have a young list of tickets.
 */
function youngOfHundred(): number {
  const program = `
    import { bulkhead } from '@holdfast/bulkhead';
    const isYoung = new Function('object', 'return %InYoungGeneration(object)');
    const policy = bulkhead({ maxConcurrent: 10, maxQueued: 10_000 });
    const call = (count, operation) =>
      Promise.all(Array.from({ length: count }, () => policy.execute(operation)));
    for (let wave = 0; wave < 150; wave++) {
      const done = call(2_000, async () => 1);
      globalThis.gc({ type: 'minor' });
      await done;
    }
    let young = 0;
    await call(100, async ({ tickets }) => { if (isYoung(tickets)) young++; });
    console.log(young);
  `;
  const flags = [
    '--conditions=@holdfast/source',
    '--input-type=module-typescript',
    '--no-warnings',
    '--expose-gc',
    '--allow-natives-syntax',
    // V8 decides where to make what only while the young generation is as large as it may get.
    '--max-semi-space-size=1',
  ];
  const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, '--eval', program], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return Number(stdout);
}

test('calls that waited do not send what is made for the next ones to the old generation', () => {
  expect(youngOfHundred()).toBe(100);
});
