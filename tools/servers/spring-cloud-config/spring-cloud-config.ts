import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { jvmArgs, mavenProject } from '../src/install/maven.ts';
import type { CommonOptions, Node, Recipe } from '../src/recipe.ts';
import type { Server } from '../src/server.ts';
import { commitAll, makeRepository } from './git.ts';

/** How a Spring Cloud Config Server is started. */
export interface SpringCloudConfigOptions extends CommonOptions {
  /**
   * Where it reads from: a folder (`native`: what is in the files is served at once, and has no
   * version), or a repository (`git`: what is committed to its branch `main`, and the version is that
   * of the commit).
   * @default 'native'
   */
  readonly backend?: 'native' | 'git' | undefined;
}

/** A Spring Cloud Config Server: `GET url/application/profile`. `reset` takes all files away. */
export interface SpringCloudConfigServer extends Server {
  /** Writes a file, at once and as a whole: `write('orders.yml', 'retry:\n  maxAttempts: 3\n')`. */
  write(file: string, content: string): Promise<void>;
  /** Deletes a file. */
  remove(file: string): Promise<void>;
  /**
   * Writes a file and commits it; gives the id of the commit.
   * @throws TypeError when the backend is not `git`
   */
  commit(file: string, content: string): Promise<string>;
}

/** Spring Cloud Config Server, built from Spring's own modules. */
export const springCloudConfig: Recipe<SpringCloudConfigOptions, SpringCloudConfigServer> = {
  name: 'spring-cloud-config',
  source: mavenProject({
    name: 'spring-cloud-config',
    version: '5.0.1',
    sources: ['src/main/java/holdfast/ConfigServer.java', 'src/main/resources/application.yml'],
    estimateSeconds: 35,
  }),
  readyTimeoutMs: 60_000,
  stopSignal: 'SIGTERM',
  url: ({ site }) => `http://${site.address}`,
  async prepare(node) {
    const { config, temporary } = foldersOf(node);
    await mkdir(config);
    await mkdir(temporary);
    if (isGit(node)) await makeRepository(config);
  },
  launch: (node) => ({
    command: node.files['java'] ?? '',
    args: [
      ...jvmArgs,
      `-Djava.io.tmpdir=${foldersOf(node).temporary}`,
      // The git inside writes its settings there.
      `-Duser.home=${node.site.folder}`,
      '-jar',
      node.files['jar'] ?? '',
    ],
    env: {
      HOST: node.site.host,
      PORT: String(node.site.port),
      HOME: node.site.folder,
      XDG_CONFIG_HOME: node.site.folder,
      ...(isGit(node) ? gitSettings(node) : nativeSettings(node)),
    },
  }),
  async isReady({ site }) {
    const { ok } = await fetch(`http://${site.address}/ready/default`, {
      signal: AbortSignal.timeout(5000),
    });
    return ok;
  },
  async reset(node) {
    const { config } = foldersOf(node);
    const files = (await readdir(config)).filter((file) => file !== '.git');
    for (const file of files) await rm(join(config, file), { recursive: true });
    if (isGit(node) && files.length > 0) await commitAll(config, 'Empty');
  },
  extend(server, node) {
    const { config } = foldersOf(node);
    return Object.assign(server, {
      write: async (file: string, content: string) => writeWhole(config, file, content),
      remove: (file: string) => rm(join(config, file)),
      async commit(file: string, content: string) {
        if (!isGit(node)) throw new TypeError("commit: the backend is 'native', not 'git'");
        await writeWhole(config, file, content);
        return commitAll(config, `Change ${file}`);
      },
    });
  },
};

type ConfigNode = Node<SpringCloudConfigOptions>;

function isGit({ options }: ConfigNode): boolean {
  return options.backend === 'git';
}

function foldersOf({ site }: ConfigNode): Record<'config' | 'temporary' | 'clone', string> {
  const inside = (name: string): string => join(site.folder, name);
  return { config: inside('config'), temporary: inside('temporary'), clone: inside('clone') };
}

function nativeSettings(node: ConfigNode): Record<string, string> {
  const locations = `file:${foldersOf(node).config}/`;
  return {
    SPRING_PROFILES_ACTIVE: 'native',
    SPRING_CLOUD_CONFIG_SERVER_NATIVE_SEARCHLOCATIONS: locations,
  };
}

function gitSettings(node: ConfigNode): Record<string, string> {
  const { config, clone } = foldersOf(node);
  return {
    SPRING_PROFILES_ACTIVE: 'default',
    SPRING_CLOUD_CONFIG_SERVER_GIT_URI: `file://${config}`,
    SPRING_CLOUD_CONFIG_SERVER_GIT_DEFAULTLABEL: 'main',
    SPRING_CLOUD_CONFIG_SERVER_GIT_BASEDIR: clone,
  };
}

/** Writes beside the file and renames, so that the server never reads half of it. */
async function writeWhole(folder: string, file: string, content: string): Promise<void> {
  const target = join(folder, file);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(`${target}.new`, content);
  await rename(`${target}.new`, target);
}
