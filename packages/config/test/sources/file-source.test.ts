import { execFileSync, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { fileSource, type FileSourceOptions } from '@holdfast/config';
import { systemClock } from '@holdfast/policy';
import { expect, onTestFinished, test } from 'vitest';
import { readContent } from '../../src/sources/file-content.ts';
import { FileWatch } from '../../src/sources/file-watch.ts';
import { follow } from './follow.ts';
import { folderIn, temporaryFolder } from './temporary-folder.ts';

/** Events alone: a look by interval would hide one that was missed. */
const byEvents = { settleMs: 20, intervalMs: 3_600_000 };
const signal = new AbortController().signal;
/** A program of the system, and no dependency. */
const makePipe = 'mkfifo';

function make(path: string, options: Partial<FileSourceOptions> = {}) {
  return fileSource({ path, ...byEvents, ...options });
}

function file(content = '{"n":0}') {
  const folder = temporaryFolder();
  const path = join(folder, 'policies.json');
  fs.writeFileSync(path, content);
  return { folder, path };
}

test('notices a write in place', async () => {
  const { path } = file();
  const { told, tells } = follow(make(path));
  await tells({ n: 0 });
  fs.writeFileSync(path, '{"n":1}');
  await tells({ n: 1 });
  fs.appendFileSync(path, '\n');
  await expect.poll(() => told.length).toBe(3);
});

test('notices a rename over the file, again and again', async () => {
  const { path, folder } = file();
  const { tells } = follow(make(path));
  for (let n = 0; n < 5; n++) {
    fs.writeFileSync(join(folder, '.policies.json.swp'), `{"n":${n}}`);
    fs.renameSync(join(folder, '.policies.json.swp'), path);
    await tells({ n });
  }
});

test('notices that the file is deleted and made again', async () => {
  const { path } = file();
  const { tells, fails } = follow(make(path));
  await tells({ n: 0 });
  fs.rmSync(path);
  await fails('missing');
  fs.writeFileSync(path, '{"n":1}');
  await tells({ n: 1 });
});

test('tells nothing of a file that is gone for a moment only', async () => {
  const { path } = file();
  const { told, tells } = follow(make(path, { settleMs: 500 }));
  await tells({ n: 0 });
  fs.rmSync(path);
  fs.writeFileSync(path, '{"n":1}');
  await tells({ n: 1 });
  expect(told.map((each) => 'data' in each)).toEqual([true, true]);
});

test('waits for the rest of a file that is being written', async () => {
  const { path } = file();
  const { told, tells } = follow(make(path, { settleMs: 300 }));
  await tells({ n: 0 });
  const handle = fs.openSync(path, 'w');
  for (const part of ['{"n"', ':', '1', '}']) {
    fs.writeSync(handle, part);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  fs.closeSync(handle);
  await tells({ n: 1 });
  expect(told).toHaveLength(2);
});

test('tells of a file that stays half-written, once, and of its end', async () => {
  const { path } = file();
  const { told, tells, fails } = follow(make(path));
  await tells({ n: 0 });
  fs.writeFileSync(path, '{"n":');
  await fails('malformed');
  expect(told.at(-1)).toMatchObject({ source: `file ${path}`, code: 'CONFIG_READ_FAILED' });
  fs.writeFileSync(path, '{"n":0}');
  await tells({ n: 0 });
  expect(told).toHaveLength(3);
});

test('waits for folders that do not exist yet', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'a', 'b', 'policies.json');
  const { tells, fails } = follow(make(path));
  await fails('missing');
  folderIn(folder, 'a');
  folderIn(folder, 'a', 'b');
  fs.writeFileSync(path, '{"n":1}');
  await tells({ n: 1 });
  fs.rmSync(join(folder, 'a'), { recursive: true });
  await fails('missing');
  folderIn(folder, 'a', 'b');
  fs.writeFileSync(path, '{"n":2}');
  await tells({ n: 2 });
});

test('follows its folder when another one takes its place', async () => {
  const folder = temporaryFolder();
  const path = join(folderIn(folder, 'live'), 'policies.json');
  fs.writeFileSync(path, '{"n":1}');
  const { tells } = follow(make(path));
  await tells({ n: 1 });
  fs.writeFileSync(join(folderIn(folder, 'next'), 'policies.json'), '{"n":2}');
  fs.renameSync(join(folder, 'live'), join(folder, 'former'));
  fs.renameSync(join(folder, 'next'), join(folder, 'live'));
  await tells({ n: 2 });
  fs.writeFileSync(path, '{"n":3}');
  await tells({ n: 3 });
});

test('notices a swapped link to a file, and a write to what it leads to', async () => {
  const folder = temporaryFolder();
  const elsewhere = folderIn(folder, 'elsewhere');
  for (const n of [1, 2]) fs.writeFileSync(join(elsewhere, `${n}.json`), `{"n":${n}}`);
  const path = join(folderIn(folder, 'live'), 'policies.json');
  fs.symlinkSync('../elsewhere/1.json', path);
  const { tells } = follow(make(path));
  await tells({ n: 1 });
  fs.symlinkSync(join(elsewhere, '2.json'), `${path}.new`);
  fs.renameSync(`${path}.new`, path);
  await tells({ n: 2 });
  fs.writeFileSync(join(elsewhere, '2.json'), '{"n":3}');
  await tells({ n: 3 });
});

test('notices a swapped link to a folder far above the file', async () => {
  const folder = temporaryFolder();
  for (const n of [1, 2]) {
    fs.writeFileSync(join(folderIn(folder, `release-${n}`, 'etc'), 'p.json'), `{"n":${n}}`);
  }
  fs.symlinkSync('release-1', join(folder, 'current'));
  const { tells } = follow(make(join(folder, 'current', 'etc', 'p.json')));
  await tells({ n: 1 });
  fs.symlinkSync('release-2', join(folder, 'current.new'));
  fs.renameSync(join(folder, 'current.new'), join(folder, 'current'));
  await tells({ n: 2 });
});

test('tells of links that lead in a circle', async () => {
  const folder = temporaryFolder();
  fs.symlinkSync('b', join(folder, 'a'));
  fs.symlinkSync('a', join(folder, 'b'));
  const { tells, fails } = follow(make(join(folder, 'a')));
  await fails('unreachable');
  fs.rmSync(join(folder, 'b'));
  fs.writeFileSync(join(folder, 'b'), '{"n":1}');
  await tells({ n: 1 });
});

test('finds changes by looking, where the system tells none', async () => {
  const { path } = file();
  const { told, tells, fails } = follow(make(path, { events: false, settleMs: 5, intervalMs: 10 }));
  await tells({ n: 0 });
  fs.writeFileSync(path, '{"n":1}');
  await tells({ n: 1 });
  fs.rmSync(path);
  await fails('missing');
  fs.writeFileSync(path, '{"n":1}');
  await tells({ n: 1 });
  expect(told).toHaveLength(4);
});

/** A watch whose looks are counted, and can be made to last. */
function counted(path: string) {
  const counts = { looks: 0, settled: 0 };
  let gate: Promise<void> = Promise.resolve();
  const watch = new FileWatch({
    path,
    clock: systemClock,
    useEvents: true,
    ...byEvents,
    async look() {
      const content = await readContent(path, 1_000);
      counts.looks += 1;
      await gate;
      return content;
    },
    settled: () => void (counts.settled += 1),
  });
  onTestFinished(() => watch.close());
  const hold = (): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    gate = promise;
    return resolve;
  };
  return { counts, hold };
}

test('is not roused by other files of its folder', async () => {
  const { path, folder } = file();
  const { counts } = counted(path);
  await expect.poll(() => counts.settled).toBe(1);
  for (let i = 0; i < 50; i++) {
    fs.writeFileSync(join(folder, `app-${i}.log`), `${i}`);
    // Long enough for the events of it to have come.
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  // One more for an event of the file itself that came late.
  expect(counts.looks).toBeLessThanOrEqual(3);
  fs.writeFileSync(path, '{"n":1}');
  await expect.poll(() => counts.settled).toBe(2);
});

test('notices what happens while it looks', async () => {
  const { path } = file();
  const { counts, hold } = counted(path);
  await expect.poll(() => counts.settled).toBe(1);
  const release = hold();
  // The content is as before, and while it is on its way it changes.
  fs.utimesSync(path, 1, 1);
  await expect.poll(() => counts.looks).toBe(3);
  fs.writeFileSync(path, '{"n":1}');
  await new Promise((resolve) => setTimeout(resolve, 100));
  release();
  await expect.poll(() => counts.settled).toBe(2);
});

test.runIf(process.platform === 'linux')(
  'tells nothing and holds no watcher after its end',
  async () => {
    const { path } = file();
    const watchers = (): number =>
      fs.readdirSync('/proc/self/fdinfo').flatMap((fd) => {
        try {
          const info = fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
          return info.split('\n').filter((line) => line.startsWith('inotify'));
        } catch {
          return [];
        }
      }).length;
    const before = watchers();
    for (let i = 0; i < 20; i++) {
      const { tells, close } = follow(make(path));
      await tells({ n: 0 });
      if (i === 0) expect(watchers()).toBeGreaterThan(before);
      close();
    }
    follow(make(path)).close();
    await expect.poll(watchers).toBe(before);
  },
);

test.each(['read', 'watch'])('does not keep the process alive: %s', async (what) => {
  const { path } = file();
  const code = `
    import { fileSource } from '@holdfast/config';
    const source = fileSource({ path: ${JSON.stringify(path)} });
    if ('${what}' === 'read') console.log((await source.read({ signal: new AbortController().signal })).data.n);
    else source.watch({ changed() {}, failed() {} });
  `;
  const args = [
    '--conditions=@holdfast/source',
    '--no-warnings',
    '--input-type=module',
    '-e',
    code,
  ];
  const child = spawn(process.execPath, args, { cwd: import.meta.dirname });
  let output = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  child.stderr.on('data', (chunk) => (output += String(chunk)));
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
  expect(output.trim()).toBe(what === 'read' ? '0' : '');
});

test('waits for a missing file while a process has nothing else to do', async () => {
  const path = join(temporaryFolder(), 'none.json');
  await expect(make(path).read({ signal })).rejects.toMatchObject({
    reason: 'missing',
    message: `${path} does not exist`,
    cause: { code: 'ENOENT' },
  });
});

test('reads a file that turns whole while it looks', async () => {
  const { path } = file('{"n":');
  const reading = make(path, { settleMs: 300 }).read({ signal });
  await new Promise((resolve) => setTimeout(resolve, 30));
  fs.writeFileSync(path, '{"n":1}');
  expect((await reading).data).toEqual({ n: 1 });
});

test('gives an optional file that is missing as an empty object', async () => {
  const { path } = file();
  fs.rmSync(path);
  const source = make(path, { optional: true });
  expect(await source.read({ signal })).toEqual({ data: {} });
  const { tells } = follow(source);
  await tells({});
  fs.writeFileSync(path, '{"n":1}');
  await tells({ n: 1 });
});

test('gives equal contents equal versions', async () => {
  const one = file();
  const other = file();
  const [{ version }, reading] = await Promise.all([
    make(one.path).read({ signal }),
    make(other.path).read({ signal }),
  ]);
  expect(version).toMatch(/^[0-9a-f]{12}$/u);
  expect(reading.version).toBe(version);
});

test('parses as it is told, without a byte order mark', async () => {
  const { path } = file('\uFEFFn=1');
  const parse = (text: string): unknown => Object.fromEntries([text.split('=')]);
  expect((await make(path, { parse }).read({ signal })).data).toEqual({ n: '1' });
});

test.each([
  ['too-large', (path: string) => fs.writeFileSync(path, 'x'.repeat(101))],
  ['malformed', (path: string) => fs.writeFileSync(path, Buffer.from([0x7b, 0xff, 0x7d]))],
  ['unreachable', (path: string) => fs.mkdirSync(path)],
  ['unreachable', (path: string) => execFileSync(makePipe, [path])],
] as const)('rejects what it cannot read: %s', async (reason, write) => {
  const path = join(temporaryFolder(), 'policies.json');
  write(path);
  await expect(make(path, { maxBytes: 100 }).read({ signal })).rejects.toMatchObject({ reason });
});

test('names the option that cannot be used', () => {
  const path = '/etc/policies.json';
  expect(() => fileSource({ path: '' })).toThrow(
    'Expected `path` to be the path of a file, got "".',
  );
  expect(() => fileSource({ path: 5 as never })).toThrow(TypeError);
  expect(() => fileSource({ path, settleMs: -1 })).toThrow('`settleMs`');
  expect(() => fileSource({ path, intervalMs: 0 })).toThrow('`intervalMs`');
  expect(() => fileSource({ path, maxBytes: 0.5 })).toThrow('`maxBytes`');
  expect(() => fileSource({ path, events: 'no' as never })).toThrow('`events`');
  expect(() => fileSource({ path, optional: 1 as never })).toThrow('`optional`');
  expect(() => fileSource({ path, parse: {} as never })).toThrow('`parse`');
  expect(() => fileSource({ path, interval: 5 } as never)).toThrow('Unknown option `interval`');
});
