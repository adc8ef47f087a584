/**
 * Counts decisions a second of limiters whose processes share a Redis: each contender alone with a Redis
 * of its own start, in one process and in four, and the faster of some passes: what else the machine does
 * only slows things down. `--write` writes REDIS.md.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startServer } from '@holdfast-tools/servers';
import { machine, versionOf } from './machine.ts';
import { type Contender, contenders } from './redis/contenders.ts';
import type { WorkerTask } from './redis-worker.ts';

const { values } = parseArgs({
  options: {
    write: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    seconds: { type: 'string', default: '2' },
    passes: { type: 'string', default: '2' },
  },
});

const together = 50;
const scenarios = [
  { title: 'There is room for all', perSecond: 100_000_000, mayWait: true },
  { title: 'The limit is used up (1,000 a second)', perSecond: 1_000, mayWait: false },
] as const;

interface Counted {
  readonly decisions: number;
  readonly allowed: number;
}

async function count(contender: Contender, perSecond: number, processes: number): Promise<Counted> {
  await using redis = await startServer('redis');
  const task: WorkerTask = {
    url: redis.url,
    perSecond,
    contender: contender.name,
    together,
    warmUpMs: 1_000,
    runMs: Number(values.seconds) * 1_000,
  };
  const file = new URL('redis-worker.ts', import.meta.url);
  const execArgv = ['--conditions=@holdfast/source'];
  const workers = Array.from({ length: processes }, () =>
    fork(file, [JSON.stringify(task)], { execArgv }),
  );
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const results = workers.map(resultOf);
  const exits = workers.map((worker) => once(worker, 'exit'));
  for (const worker of workers) worker.send('begin');
  const counted = await Promise.all(results);
  await Promise.all(exits);
  const mean = (of: keyof Counted): number =>
    counted.reduce((sum, each) => sum + each[of], 0) / processes;
  return { decisions: mean('decisions'), allowed: mean('allowed') };
}

async function resultOf(worker: ChildProcess): Promise<Counted> {
  const [result] = (await once(worker, 'message')) as [Counted];
  return result;
}

function shown(perSecond: number): string {
  return Math.round(perSecond).toLocaleString('en-US');
}

interface Row {
  readonly name: string;
  readonly one: Counted;
  readonly four: Counted;
}

/** The peer that all are compared with. */
const baseName = 'rate-limiter-flexible (ioredis)';

function table(title: string, rows: readonly Row[], perSecond: number): string {
  const base = rows.find(({ name }) => name === baseName) ?? rows[0];
  const ratio = (one: number, other = one): string =>
    one / other < 10 ? (one / other).toPrecision(2) : shown(one / other);
  const lines = rows.map(({ name, one, four }) => {
    const cells = [
      name,
      shown(one.decisions),
      `${ratio(one.decisions, base?.one.decisions)} x`,
      shown(four.decisions),
      `${ratio(four.decisions, base?.four.decisions)} x`,
      ...(perSecond <= 1_000 ? [shown(4 * four.allowed)] : []),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const heads = ['', 'one process', 'ratio', 'each of four', 'ratio'];
  if (perSecond <= 1_000) heads.push('let go by the four');
  const head = [`| ${heads.join(' | ')} |`, `| --- |${' --- |'.repeat(heads.length - 1)}`];
  return [`## ${title}`, '', ...head, ...lines, ''].join('\n');
}

function faster(one: Counted | undefined, other: Counted): Counted {
  return one !== undefined && one.decisions > other.decisions ? one : other;
}

async function rowsOf(those: readonly Contender[], perSecond: number): Promise<readonly Row[]> {
  const rows = new Map<string, Row>();
  for (let pass = 0; pass < Number(values.passes); pass++) {
    for (const contender of those) {
      const { name } = contender;
      const before = rows.get(name);
      const one = faster(before?.one, await count(contender, perSecond, 1));
      const four = faster(before?.four, await count(contender, perSecond, 4));
      rows.set(name, { name, one, four });
      console.error(name, shown(one.decisions), shown(four.decisions));
    }
  }
  return [...rows.values()];
}

async function main(): Promise<void> {
  const pages: string[] = [];
  for (const { title, perSecond, mayWait } of scenarios) {
    const those = contenders.filter(
      ({ name, refuses }) => (mayWait || refuses) && name.includes(values.only),
    );
    pages.push(table(title, await rowsOf(those, perSecond), perSecond));
  }
  const text = report(pages);
  if (values.write) writeFileSync(new URL('../REDIS.md', import.meta.url), text);
  else process.stdout.write(text);
}

function report(pages: readonly string[]): string {
  const names = ['redis', 'ioredis', 'rate-limiter-flexible', 'bottleneck'];
  const versions = names.map((name) => `${name} ${versionOf(name)}`).join(', ');
  return `# Limits that processes share in Redis

Decisions a second and process, with ${together} calls under way at any time in each process and one limit for
all; Redis is on the same machine and shares its processors with them. Ratios are to
\`${baseName}\`, plain. Each was measured for ${values.seconds} seconds after one to warm up,
alone with a Redis that had just started; of ${values.passes} passes the faster one counts.

- ${machine()}; Node ${process.versions.node}; Redis 7 of Debian
- ${versions}

${pages.join('\n')}
\`tryAcquire\` answers whether a call may go, as \`consume\` of rate-limiter-flexible does; all else of ours
makes the call, and rejects with an \`Error\` that says why and for how long, which costs more than the
decision. With \`share: 'none'\`, calls that are under way together are decided by one question; without
it, most are decided by what was taken ahead. A limit that is used up is remembered until there is room again, as
\`inMemoryBlockOnConsumed\` does. rate-limiter-flexible counts fixed windows, of which a measurement may hold
one more than seconds: so it seems to let more go. Bottleneck only lets wait, so it has no row where calls are
refused; its clustered mode works with ioredis 6 when the class is passed as \`Redis\`.

Written by \`npm run bench:redis -- --write\`.
`;
}

await main();
