import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeWithServers } from '@holdfast-tools/servers/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const config = fileURLToPath(new URL('fixtures/vitest.config.ts', import.meta.url));
const vitest = join(
  dirname(createRequire(import.meta.url).resolve('vitest/package.json')),
  'vitest.mjs',
);

// What is built lies in a cache, and this one is empty: Redis is there, and Toxiproxy is not.
const emptyCache = mkdtempSync(join(tmpdir(), 'empty-cache-'));
afterAll(() => rmSync(emptyCache, { recursive: true }));

describeWithServers(['redis'], 'tests with servers', () => {
  describe("on somebody's machine", () => {
    let output = '';
    beforeAll(async () => {
      output = await runCases('');
    });

    test('show what the server wrote during a test that fails', () => {
      expect(output).toMatch(/redis at 127\.0\.0\.1:\d+, running, wrote:/);
      expect(output.match(/\| .* Ready to accept connections/g)).toHaveLength(1);
    });

    test('have an empty server that runs, whatever the test before has done to it', () => {
      expect(output).toMatch(/1 failed \| 3 passed/);
    });

    test('are skipped with the command that installs what is missing', () => {
      expect(output).toContain('SKIPPED "Toxiproxy": not installed here: toxiproxy');
      expect(output).toContain('npm run servers -- install toxiproxy');
      expect(output).toMatch(/1 skipped/);
    });
  });

  test('in CI fail when a server is missing', async () => {
    const output = await runCases('true');
    expect(output).toMatch(/Error: not installed here: toxiproxy/);
    expect(output).toMatch(/2 failed \| 3 passed/);
  });
});

/** Runs the cases, one of which fails in any case, and gives what vitest writes. */
async function runCases(ci: string): Promise<string> {
  const env = { ...process.env, CI: ci, XDG_CACHE_HOME: emptyCache, NO_COLOR: '1' };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [vitest, 'run', '--config', config],
      { env },
      (_error, stdout, stderr) => resolve(stdout + stderr),
    );
  });
}
