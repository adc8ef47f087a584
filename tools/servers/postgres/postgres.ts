import { chownSync } from 'node:fs';
import { debianPackage } from '../src/install/debian.ts';
import { findNewest, findProgram } from '../src/install/find-program.ts';
import { run } from '../src/install/run.ts';
import type { CommonOptions, Node, Recipe } from '../src/recipe.ts';
import { runGuarded } from '../src/run-guarded.ts';
import type { Server } from '../src/server.ts';
import { emptySql } from './empty-sql.ts';
import { serverUser } from './server-user.ts';

/** How a PostgreSQL is started. */
export interface PostgresOptions extends CommonOptions {
  /** Settings as in `postgresql.conf`: `{ max_connections: '20' }`. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

/**
 * A PostgreSQL with one database, `postgres`, and one role of that name, without a password. `reset`
 * makes all databases anew, which cuts their connections.
 */
export interface PostgresServer extends Server {
  /** The same as `url`: `postgres://postgres@127.0.0.1:15432/postgres`. */
  readonly connectionString: string;
  /**
   * Runs statements with `psql` and gives the rows, one a line, fields apart by `|`.
   * @throws Error with what PostgreSQL says, when a statement fails
   */
  query(sql: string): Promise<string>;
}

/** PostgreSQL, as Debian packs it. */
export const postgres: Recipe<PostgresOptions, PostgresServer> = {
  name: 'postgres',
  source: {
    version: '15',
    description: 'a package of Debian',
    estimateSeconds: 30,
    packages: [debianPackage('postgresql', 'initdb', findPostgres)],
    find() {
      const [program, initdb, client] = ['postgres', 'initdb', 'psql'].map(findPostgres);
      if (program === undefined || initdb === undefined || client === undefined) return undefined;
      return { program, initdb, client };
    },
  },
  readyTimeoutMs: 30_000,
  // The fast shutdown: open transactions are rolled back, and connections closed.
  stopSignal: 'SIGINT',
  url: ({ site }) => `postgres://postgres@${site.address}/postgres`,
  async prepare({ site, files }) {
    const user = serverUser();
    if (user !== undefined) chownSync(site.folder, user.uid, user.gid);
    // `--no-sync`: a crash of the machine may take the folder with it.
    const locale = ['--encoding=UTF8', '--no-locale', '--no-sync'];
    const args = ['-D', site.folder, '-U', 'postgres', '-A', 'trust', ...locale];
    await runGuarded({ command: files['initdb'] ?? '', args, user }, site);
  },
  launch: ({ site, options, files }) => ({
    command: files['program'] ?? '',
    args: ['-D', site.folder].concat(
      settingArgs({
        port: String(site.port),
        listen_addresses: site.host,
        unix_socket_directories: '',
        shared_buffers: '32MB',
        ...options.settings,
      }),
    ),
    user: serverUser(),
  }),
  isReady: async (node) => (await query(node, 'select 1')) === '1',
  async reset(node) {
    await query(node, emptySql, 'template1');
  },
  extend: (server, node) =>
    Object.assign(server, {
      connectionString: server.url,
      query: (sql: string) => query(node, sql),
    }),
};

/** Debian keeps the programs of the server out of the PATH, one folder for each version. */
function findPostgres(program: string): string | undefined {
  return findNewest(`/usr/lib/postgresql/*/bin/${program}`) ?? findProgram(program);
}

function settingArgs(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function query(
  { site, files }: Node<PostgresOptions>,
  sql: string,
  database = 'postgres',
): Promise<string> {
  const where = ['-h', site.host, '-p', String(site.port), '-U', 'postgres', '-d', database];
  const bare = ['--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '-v', 'ON_ERROR_STOP=1'];
  const rows = await run({
    command: files['client'] ?? '',
    args: [...where, ...bare, '--file=-'],
    env: { PGOPTIONS: undefined, PGSSLMODE: 'disable', PGCONNECT_TIMEOUT: '5' },
    input: sql,
    timeoutMs: 30_000,
  });
  return rows.trimEnd();
}
