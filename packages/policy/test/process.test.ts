import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a program of its own in a process of its own, and waits until that ends by itself. */
function run(program: string, flags: readonly string[] = []): Promise<Ended> {
  const flagsForAll = [
    '--conditions=@holdfast/source',
    '--input-type=module-typescript',
    '--no-warnings',
  ];
  const child = spawn(process.execPath, [...flagsForAll, ...flags, '--eval', program], {
    cwd: root,
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  child.stderr.on('data', (chunk) => (output += String(chunk)));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
}

const head = `
  import { timeout } from '@holdfast/timeout';
  const startedAt = performance.now();
  process.on('exit', () => console.log(performance.now() - startedAt < 1_000 ? 'at once' : 'late'));
`;

describe('a process', () => {
  test('ends at once after its last call, whatever time that had left', async () => {
    const { code, output } = await run(`${head}
      const policies = [timeout({ afterMs: 60_000 }), timeout({ afterMs: () => 60_000 }), timeout({ afterMs: 3e9 })];
      for (const policy of policies) await policy.execute(() => new Promise((resolve) => setTimeout(resolve, 20)));
      await Promise.all(policies.map((policy) => policy.execute(async () => 1)));
      console.log('done');
    `);
    expect([code, output]).toEqual([0, 'done\nat once\n']);
  });

  test('lives until a pending call has timed out', async () => {
    const { code, output } = await run(`${head}
      for (const afterMs of [50, () => 50]) {
        const policy = timeout({ afterMs });
        await policy.execute(async () => 1);
        await new Promise((resolve) => setTimeout(resolve, 5));
        const { ok } = await policy.outcome(() => new Promise(() => undefined));
        console.log(ok);
      }
    `);
    expect([code, output]).toEqual([0, 'false\nfalse\nat once\n']);
  });

  test('strikes under the mock timers of node:test, which leave performance.now alone', async () => {
    const { code, output } = await run(`
      import { mock } from 'node:test';
      import { timeout } from '@holdfast/timeout';
      mock.timers.enable({ apis: ['setTimeout'] });
      for (const policy of [timeout({ afterMs: 5_000 }), timeout({ afterMs: () => 5_000 })]) {
        let outcome;
        policy.outcome(() => new Promise(() => undefined)).then((each) => { outcome = each; });
        mock.timers.tick(4_900);
        await new Promise(setImmediate);
        console.log(outcome === undefined);
        mock.timers.tick(100);
        await new Promise(setImmediate);
        console.log(outcome?.error.code);
      }
    `);
    expect([code, output]).toEqual([0, 'true\nTIMEOUT\ntrue\nTIMEOUT\n']);
  });
});
