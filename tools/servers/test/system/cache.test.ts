import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findBuild, makeBuild, type CachedBuild } from '../../src/install/cache.ts';

const build: CachedBuild = { name: 'toxiproxy', version: '0', inputs: ['go.mod'] };

let cache = '';
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'cache-'));
  vi.stubEnv('XDG_CACHE_HOME', cache);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

test('a build is found when it is complete', async () => {
  expect(findBuild(build)).toBeUndefined();
  await makeBuild(build, async (folder) => {
    writeFileSync(join(folder, 'program'), 'first');
    expect(findBuild(build)).toBeUndefined();
  });
  const folder = findBuild(build) ?? '';
  expect(folder).toBe(join(cache, 'holdfast/servers/toxiproxy-0'));
  expect(readFileSync(join(folder, 'program'), 'utf8')).toBe('first');
});

test('of a build that fails nothing is left', async () => {
  const broken = makeBuild(build, async (folder) => {
    writeFileSync(join(folder, 'half'), '');
    throw new Error('no compiler');
  });
  await expect(broken).rejects.toThrow('no compiler');
  expect(findBuild(build)).toBeUndefined();
  expect(readdirSync(join(cache, 'holdfast/servers'))).toEqual([]);
});

test('a build of other inputs does not count, and is replaced', async () => {
  await makeBuild({ ...build, inputs: ['go.sum'] }, async () => {});
  expect(findBuild(build)).toBeUndefined();
  await makeBuild(build, async (folder) => writeFileSync(join(folder, 'program'), 'new'));
  expect(readdirSync(findBuild(build) ?? '')).toContain('program');
});

test('of two builds at once the second to end is dropped', async () => {
  await Promise.all([makeBuild(build, async () => {}), makeBuild(build, async () => {})]);
  expect(readdirSync(join(cache, 'holdfast/servers'))).toEqual(['toxiproxy-0']);
});
