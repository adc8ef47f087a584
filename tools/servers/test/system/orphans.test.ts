import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ServerName } from '@holdfast-tools/servers';
import { describeWithServers } from '@holdfast-tools/servers/vitest';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isFree } from '../../src/free-port.ts';
import { descendantsOf, listProcesses } from '../../src/process-tree.ts';

const fixture = fileURLToPath(new URL('fixtures/start-and-tell.ts', import.meta.url));
const names: readonly ServerName[] = ['redis', 'toxiproxy', 'postgres'];

/** What the fixture tells of a server. */
interface Told {
  readonly pid: number;
  readonly port: number;
}

describeWithServers(names, 'when the process of the tests ends', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'orphans-'));
    chmodSync(folder, 0o755); // PostgreSQL runs as another user.
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('by SIGKILL, no server, port or folder is left', async () => {
    const { child, servers, all } = await startAndTell('wait', folder, names);
    child.kill('SIGKILL');
    await expectNothingLeft({ servers, all, folder });
  });

  test('by SIGKILL, servers that are frozen do not stay', async () => {
    const { child, servers, all } = await startAndTell('frozen', folder, names);
    child.kill('SIGKILL');
    await expectNothingLeft({ servers, all, folder });
  });

  test('by a signal to its whole group, no server is left', async () => {
    const { child, servers, all } = await startAndTell('wait', folder, ['redis']);
    process.kill(-(child.pid ?? 0), 'SIGKILL');
    await expectNothingLeft({ servers, all, folder });
  });

  test('by process.exit, no server is left', async () => {
    const { servers, all } = await startAndTell('exit', folder, ['redis', 'postgres']);
    await expectNothingLeft({ servers, all, folder });
  });

  test('by an error, no server is left', async () => {
    const { servers, all } = await startAndTell('throw', folder, ['redis']);
    await expectNothingLeft({ servers, all, folder });
  });

  test('at any moment of a start, nothing is left', async () => {
    for (let delayMs = 60; delayMs < 300; delayMs += 12) {
      await endAfter(delayMs, start('wait', folder, ['redis']));
    }
    await expectNothingIn(folder);
  });

  test('while a folder is being filled, nothing is left', async () => {
    for (let delayMs = 100; delayMs < 500; delayMs += 40) {
      await endAfter(delayMs, start('wait', folder, ['postgres']));
    }
    await expectNothingIn(folder);
  });
});

const patience = { timeout: 10_000, interval: 50 };

function start(how: string, folder: string, servers: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--no-warnings', fixture, how, ...servers], {
    env: { ...process.env, TMPDIR: folder },
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

async function startAndTell(
  how: string,
  folder: string,
  servers: readonly string[],
): Promise<{ child: ChildProcess; servers: readonly Told[]; all: readonly number[] }> {
  const child = start(how, folder, servers);
  const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  const told = JSON.parse(line.toString()) as Told[];
  const processes = listProcesses();
  const all = told.flatMap(({ pid }) => [pid, ...descendantsOf(pid, processes)]);
  return { child, servers: told, all };
}

async function expectNothingLeft(left: {
  readonly servers: readonly Told[];
  readonly all: readonly number[];
  readonly folder: string;
}): Promise<void> {
  await expect.poll(() => alive(left.all), patience).toEqual([]);
  await expect.poll(() => readdirSync(left.folder), patience).toEqual([]);
  const ports = left.servers.map(({ port }) => isFree(port));
  expect(await Promise.all(ports)).toEqual(ports.map(() => true));
}

async function expectNothingIn(folder: string): Promise<void> {
  await expect.poll(() => processesIn(folder), patience).toEqual([]);
  await expect.poll(() => readdirSync(folder), patience).toEqual([]);
}

async function endAfter(delayMs: number, child: ChildProcess): Promise<void> {
  await sleep(delayMs);
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function alive(pids: readonly number[]): number[] {
  const living = listProcesses().filter(({ isZombie }) => !isZombie);
  return living.map(({ pid }) => pid).filter((pid) => pids.includes(pid));
}

/** The living processes whose working directory is, or was, in a folder. */
function processesIn(folder: string): number[] {
  return alive(listProcesses().map(({ pid }) => pid)).filter((pid) =>
    workingDirectoryOf(pid).startsWith(folder),
  );
}

function workingDirectoryOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return ''; // It has ended, or there is no such file on this system.
  }
}
