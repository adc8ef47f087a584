import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unwatch, watch } from '../guard.ts';

/** What is built once and kept outside of the tree. */
export interface CachedBuild {
  readonly name: string;
  readonly version: string;
  /** The files in the server's folder that it is built from: one that changes makes a new build. */
  readonly inputs: readonly string[];
}

/** The folder of a server in this repository, with its recipe. */
export function recipeFolder(name: string): string {
  return fileURLToPath(new URL(`../../${name}`, import.meta.url));
}

/** The folder of a finished build, or `undefined` where there is none of exactly these inputs. */
export function findBuild(build: CachedBuild): string | undefined {
  const folder = buildFolder(build);
  const stamp = join(folder, '.inputs');
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === hashInputs(build)
    ? folder
    : undefined;
}

/**
 * Has something built into a new folder, and puts it in its place when it is complete. Nothing is left
 * of a build that fails or is interrupted.
 */
export async function makeBuild(
  build: CachedBuild,
  make: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = buildFolder(build);
  const unfinished = `${folder}.${randomUUID()}`;
  await watch({ folder: unfinished });
  mkdirSync(unfinished, { recursive: true });
  try {
    await make(unfinished);
    writeFileSync(join(unfinished, '.inputs'), hashInputs(build));
    if (findBuild(build) !== undefined) return; // Somebody else was as quick.
    rmSync(folder, { recursive: true, force: true });
    renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
    await unwatch({ folder: unfinished });
  }
}

function buildFolder({ name, version }: CachedBuild): string {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'holdfast', 'servers', `${name}-${version}`);
}

function hashInputs({ name, inputs }: CachedBuild): string {
  const hash = createHash('sha256');
  for (const input of inputs)
    hash.update(input).update(readFileSync(join(recipeFolder(name), input)));
  return hash.digest('hex');
}
