import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServerStartError } from './errors.ts';
import { listensOn } from './free-port.ts';
import { launch, type Running } from './launch.ts';
import {
  areGone,
  continueTree,
  isTreeStopped,
  killTree,
  listProcesses,
  stopTree,
} from './process-tree.ts';
import type { CommonOptions, Node, Recipe } from './recipe.ts';
import type { Server } from './server.ts';
import { removeSite } from './site.ts';
import { waitUntil } from './wait-until.ts';

const stopTimeoutMs = 10_000;

/** Makes a server of a recipe at its site; `restart` is what starts it the first time, too. */
export function manageServer<Options extends CommonOptions>(
  recipe: Recipe<Options, Server>,
  node: Node<Options>,
): Server {
  const { site, options } = node;
  let running: Running | undefined;
  let isFrozen = false;
  let lastLogs: string | undefined;

  const logs = (): string =>
    lastLogs ?? (existsSync(site.logFile) ? readFileSync(site.logFile, 'utf8') : '');

  async function start(): Promise<void> {
    const what = recipe.launch(node);
    const env = { ...what.env, ...options.env };
    const args = [...what.args, ...(options.args ?? [])];
    const started = await launch({ ...what, env, args }, site.folder, site.logFile);
    running = started;
    isFrozen = false;
    void started.ended.then(() => {
      if (running === started) running = undefined;
    });
    const problem = await untilReady(recipe, node, started);
    if (problem === undefined) return;
    await kill();
    throw new ServerStartError(recipe.name, problem, logs());
  }

  async function kill(): Promise<void> {
    if (running === undefined) return;
    const { pid, ended } = running;
    const tree = killTree(pid);
    await ended;
    // Those below it may take longer, and hold what the next start needs, such as shared memory.
    await waitUntil(() => areGone(tree), { timeoutMs: 10_000, everyMs: 2 });
  }

  async function stop(): Promise<void> {
    if (running === undefined) return;
    const { pid, ended } = running;
    if (isFrozen) await thaw();
    process.kill(pid, recipe.stopSignal);
    const isTooLate = await Promise.race([ended.then(() => false), afterAWhile(ended)]);
    if (isTooLate) await kill();
  }

  async function freeze(): Promise<void> {
    const pid = pidOf('freeze');
    stopTree(pid);
    isFrozen = true;
    await waitUntil(() => isTreeStopped(pid), { timeoutMs: 5000, everyMs: 1 });
  }

  async function thaw(): Promise<void> {
    const pid = pidOf('thaw');
    continueTree(pid);
    isFrozen = false;
    const isThawed = (): boolean =>
      !listProcesses().some((one) => one.pid === pid && one.isStopped);
    await waitUntil(isThawed, { timeoutMs: 5000, everyMs: 1 });
  }

  function pidOf(action: string): number {
    if (running === undefined) throw new Error(`cannot ${action} ${recipe.name}: it is down`);
    return running.pid;
  }

  return {
    name: recipe.name,
    host: site.host,
    port: site.port,
    address: site.address,
    url: recipe.url(node),
    ports: site.ports,
    folder: site.folder,
    get pid() {
      return running?.pid;
    },
    get state() {
      if (running === undefined) return 'down';
      return isFrozen ? 'frozen' : 'running';
    },
    kill,
    stop,
    async restart() {
      await stop();
      await start();
    },
    freeze,
    thaw,
    async reset() {
      pidOf('reset');
      if (isFrozen) throw new Error(`cannot reset ${recipe.name}: it is frozen`);
      await recipe.reset(node);
    },
    logs,
    async [Symbol.asyncDispose]() {
      await kill();
      lastLogs ??= logs();
      await removeSite(site);
    },
  };
}

/** Waits until the server serves; the answer is what has gone wrong instead. */
async function untilReady<Options extends CommonOptions>(
  recipe: Recipe<Options, Server>,
  node: Node<Options>,
  started: Running,
): Promise<string | undefined> {
  const { site, options } = node;
  const timeoutMs = options.readyTimeoutMs ?? recipe.readyTimeoutMs;
  // First the port, and whose it is: a foreign server on our port would answer in place of ours.
  const isOver = await waitUntil(
    async () =>
      started.ending !== undefined ||
      ((await listensOn(started.pid, site.port, site.host)) &&
        (await recipe.isReady(node).catch(() => false))),
    { timeoutMs },
  );
  if (started.ending !== undefined) return `ended before it was ready (${started.ending})`;
  return isOver ? undefined : `was not ready after ${timeoutMs} ms`;
}

async function afterAWhile(ended: Promise<string>): Promise<boolean> {
  const cancel = new AbortController();
  void ended.then(() => cancel.abort());
  return sleep(stopTimeoutMs, true, { signal: cancel.signal, ref: false }).catch(() => false);
}
