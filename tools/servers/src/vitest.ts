import { afterAll, beforeAll, beforeEach, describe, onTestFailed, test } from 'vitest';
import { lastLines } from './errors.ts';
import { isInstalled } from './install/install.ts';
import { judge } from './missing-servers.ts';
import type { OptionsOf, ServerName, ServerOf } from './recipes.ts';
import type { Server } from './server.ts';
import { startServer } from './start-server.ts';

const shownLines = 40;

/**
 * A `describe` whose tests need servers. Where one is not installed its tests are skipped, loudly and
 * with the command that installs it; in CI (`CI=true`) they fail.
 *
 * @example
 * describeWithServers(['redis'], 'a shared limit', () => {
 *   const redis = useServer('redis');
 *   test('is one for all processes', async () => {
 *     const client = createClient({ url: redis.url });
 *   });
 * });
 */
export function describeWithServers(
  names: readonly ServerName[],
  title: string,
  body: () => void,
): void {
  const missing = names.filter((name) => !isInstalled(name));
  const verdict = judge(missing, process.env['CI']);
  switch (verdict.action) {
    case 'run':
      describe(title, body);
      break;
    case 'skip':
      console.warn(`SKIPPED "${title}": ${verdict.note}`);
      describe.skip(`${title} (${verdict.note})`, body);
      break;
    case 'fail':
      describe(title, () => {
        test('has the servers that it needs', () => {
          throw new Error(verdict.note);
        });
      });
      break;
  }
}

/**
 * One server for all tests of a file or a `describe`: started before the first, empty before each
 * (after a crash it is started again, a frozen one goes on), gone after the last. What it writes during
 * a test is shown when the test fails. The result can be used inside of tests and hooks.
 */
export function useServer<Name extends ServerName>(
  name: Name,
  options: OptionsOf<Name> = {},
): ServerOf<Name> {
  let server: ServerOf<Name> | undefined;
  beforeAll(async () => {
    server = await startServer(name, options);
  });
  beforeEach(async () => {
    const current = started(name, server);
    if (current.state === 'frozen') await current.thaw();
    if (current.state === 'down') await current.restart();
    await current.reset();
    showLogsOnFailure(current);
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
  });
  return later(() => started(name, server));
}

/** Shows the last lines that a server writes from now on, if the test that runs now fails. */
export function showLogsOnFailure<Some extends Server>(server: Some): Some {
  const before = server.logs().length;
  onTestFailed(() => {
    const lines = lastLines(server.logs().slice(before), shownLines);
    console.error(`${server.name} at ${server.address}, ${server.state}, wrote:\n${lines}`);
  });
  return server;
}

function started<Some extends Server>(name: string, server: Some | undefined): Some {
  if (server !== undefined) return server;
  throw new Error(`${name} starts before the first test: use it inside of tests and hooks`);
}

/** Stands for an object that exists later. */
function later<Target extends object>(find: () => Target): Target {
  return new Proxy({} as Target, {
    get: (_target, key) => Reflect.get(find(), key) as unknown,
    has: (_target, key) => Reflect.has(find(), key),
  });
}
