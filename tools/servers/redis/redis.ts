import { debianPackage } from '../src/install/debian.ts';
import { findProgram } from '../src/install/find-program.ts';
import { run } from '../src/install/run.ts';
import type { CommonOptions, Node, Recipe } from '../src/recipe.ts';
import type { Server } from '../src/server.ts';
import type { Site } from '../src/site.ts';

/** How a Redis is started. */
export interface RedisOptions extends CommonOptions {
  /**
   * Whether every write is on the disk before it is answered, so that a crash loses nothing. Without
   * it a restart begins empty.
   * @default false
   */
  readonly appendOnly?: boolean | undefined;
}

/** A Redis. Of a cluster the first is the primary, and the others are its replicas. */
export interface RedisServer extends Server {
  /** Runs a command with `redis-cli` and gives its answer: `await redis.command('GET', 'key')`. */
  command(...command: readonly string[]): Promise<string>;
}

/** Redis, as Debian packs it. */
export const redis: Recipe<RedisOptions, RedisServer> = {
  name: 'redis',
  source: {
    version: '7',
    description: 'a package of Debian',
    estimateSeconds: 15,
    packages: [debianPackage('redis-server', 'redis-server')],
    find() {
      const program = findProgram('redis-server');
      const client = findProgram('redis-cli');
      return program === undefined || client === undefined ? undefined : { program, client };
    },
  },
  readyTimeoutMs: 20_000,
  stopSignal: 'SIGTERM',
  url: ({ site }) => `redis://${site.address}`,
  launch: ({ site, options, cluster, files }) => ({
    command: files['program'] ?? '',
    args: settingArgs({
      bind: site.host,
      port: String(site.port),
      dir: site.folder,
      save: '',
      'repl-diskless-sync-delay': '0',
      ...(options.appendOnly === true ? { appendonly: 'yes', appendfsync: 'always' } : {}),
      ...replicaOf(cluster[0], site.index),
    }),
  }),
  isReady: async (node) => (await command(node, ['PING'])) === 'PONG',
  async reset(node) {
    await command(node, ['FLUSHALL']);
    await command(node, ['SCRIPT', 'FLUSH']);
    await command(node, ['FUNCTION', 'FLUSH']);
    await command(node, ['CONFIG', 'RESETSTAT']);
  },
  extend: (server, node) =>
    Object.assign(server, { command: (...words: readonly string[]) => command(node, words) }),
};

function settingArgs(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

function replicaOf(primary: Site | undefined, index: number): Record<string, string> {
  if (primary === undefined || index === 0) return {};
  return { replicaof: `${primary.host} ${primary.port}` };
}

async function command(node: Node<RedisOptions>, words: readonly string[]): Promise<string> {
  const { host, port } = node.site;
  // `-e`: fails when the answer is an error.
  const options = ['-h', host, '-p', String(port), '-e'];
  const answer = await run({
    command: node.files['client'] ?? '',
    args: [...options, ...words],
    timeoutMs: 5000,
  });
  return answer.trimEnd();
}
