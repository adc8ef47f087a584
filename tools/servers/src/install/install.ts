import { recipes, type ServerName } from '../recipes.ts';
import { installPackages } from './debian.ts';
import type { Source } from './source.ts';

/** Takes a line for people. */
export type Report = (line: string) => void;

/** Whether all that a server needs is on this machine. */
export function isInstalled(name: ServerName): boolean {
  return sourceOf(name).find() !== undefined;
}

/**
 * Installs what is missing, one after the other, and says beforehand how long it takes. One that fails
 * does not keep the others from being installed.
 *
 * @throws AggregateError with what has failed
 */
export async function install(names: readonly ServerName[], report: Report): Promise<void> {
  const missing = names.filter((name) => !isInstalled(name));
  for (const name of missing) {
    const { version, description, estimateSeconds } = sourceOf(name);
    report(`${name} ${version}: ${description}, about ${estimateSeconds} s`);
  }
  await installPackages(
    missing.flatMap((name) => sourceOf(name).packages),
    report,
  );
  const errors: unknown[] = [];
  for (const name of missing) {
    await installOne(name, report).catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 0) throw new AggregateError(errors, `failed: ${errors.length}`);
}

async function installOne(name: ServerName, report: Report): Promise<void> {
  const began = performance.now();
  await sourceOf(name).build?.();
  if (!isInstalled(name)) throw new Error(`${name}: installed, but its files are not to be found`);
  report(`${name}: there, after ${Math.round((performance.now() - began) / 1000)} s`);
}

function sourceOf(name: ServerName): Source {
  return recipes[name].source;
}
