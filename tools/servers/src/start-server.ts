import { ServerMissingError } from './errors.ts';
import { startDespiteRaces } from './lost-race.ts';
import { manageServer } from './managed-server.ts';
import type { CommonOptions, Node, Recipe } from './recipe.ts';
import { recipes, type OptionsOf, type ServerName, type ServerOf } from './recipes.ts';
import type { Server } from './server.ts';
import { makeSite, removeSite, type Site } from './site.ts';

/**
 * Starts a real server on a free port, in a folder of its own, and waits until it serves. It ends with
 * `await using`, and in any case when this process ends, even by SIGKILL.
 *
 * @throws {@link ServerMissingError} when it is not installed
 * @throws {@link ServerStartError} when it does not get ready; the message has its last lines
 *
 * @example
 * await using redis = await startServer('redis', { appendOnly: true });
 * await redis.kill();
 * await redis.restart();
 */
export async function startServer<Name extends ServerName>(
  name: Name,
  options: OptionsOf<Name> = {},
): Promise<ServerOf<Name>> {
  const {
    nodes: [server],
  } = await startCluster(name, 1, options);
  if (server === undefined) throw new Error('a cluster of one has a node');
  return server;
}

/** Servers of one kind that know of each other. */
export interface Cluster<Member extends Server> extends AsyncDisposable {
  readonly nodes: readonly Member[];
}

/**
 * Starts several servers of one kind that know of each other; what that means is the recipe's: the
 * first of Redis is the primary of the others. Resolves when all serve.
 *
 * @throws {@link ServerMissingError} when the kind is not installed
 * @throws {@link ServerStartError} when a node does not get ready; then none is left
 */
export async function startCluster<Name extends ServerName>(
  name: Name,
  size: number,
  options: OptionsOf<Name> = {},
): Promise<Cluster<ServerOf<Name>>> {
  const recipe = recipes[name] as unknown as Recipe<CommonOptions, ServerOf<Name>>;
  const start = (): Promise<Cluster<ServerOf<Name>>> => tryToStart(recipe, size, options);
  return options.port === undefined ? startDespiteRaces(start) : start();
}

async function tryToStart<Result extends Server>(
  recipe: Recipe<CommonOptions, Result>,
  size: number,
  options: CommonOptions,
): Promise<Cluster<Result>> {
  const files = recipe.source.find();
  if (files === undefined) throw new ServerMissingError(recipe.name);
  const cluster: Site[] = [];
  const nodes: Result[] = [];
  const dispose = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
    await Promise.all(cluster.map((site) => removeSite(site)));
  };
  try {
    for (let index = 0; index < size; index += 1) {
      const { name, ports = [] } = recipe;
      const port = index === 0 ? options.port : undefined;
      cluster.push(await makeSite({ name, index, ports, port }));
    }
    for (const site of cluster)
      nodes.push(await makeServer(recipe, { site, options, cluster, files }));
    await allSettled(nodes.map((node) => node.restart()));
    return { nodes, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function makeServer<Result extends Server>(
  recipe: Recipe<CommonOptions, Result>,
  node: Node<CommonOptions>,
): Promise<Result> {
  await recipe.prepare?.(node);
  return recipe.extend(manageServer(recipe, node), node);
}

/** Waits for all, also when one has failed: what is being started cannot be cleaned up. */
async function allSettled(promises: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(promises)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}
