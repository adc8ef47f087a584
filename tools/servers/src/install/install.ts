import { recipes, type ServerName } from '../recipes.ts';
import { run } from './run.ts';
import type { Source } from './source.ts';

const source = (name: ServerName): Source => recipes[name].source;

/** Whether all that a server needs is on this machine. */
export function isInstalled(name: ServerName): boolean {
  return source(name).find() !== undefined;
}

/** Installs what is missing, one after the other, and says beforehand how long it takes. */
export async function install(
  names: readonly ServerName[],
  report: (line: string) => void,
): Promise<void> {
  const missing = names.filter((name) => !isInstalled(name));
  for (const name of missing) {
    const { version, description, estimateSeconds } = source(name);
    report(`${name} ${version}: ${description}, about ${estimateSeconds} s`);
  }
  await installPackages(missing, report);
  for (const name of missing) {
    const began = performance.now();
    await source(name).build?.(report);
    if (!isInstalled(name))
      throw new Error(`${name}: installed, but its files are not where they should be`);
    report(`${name}: ready after ${Math.round((performance.now() - began) / 1000)} s`);
  }
}

async function installPackages(
  names: readonly ServerName[],
  report: (line: string) => void,
): Promise<void> {
  const packages = names.flatMap((name) => source(name).packages);
  const missing = packages.filter((one) => !one.isPresent()).map(({ name }) => name);
  if (missing.length === 0) return;
  report(`apt-get install ${missing.join(' ')}`);
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo'];
  const apt = async (...args: string[]): Promise<void> => {
    const [command = '', ...rest] = [...asRoot, 'apt-get', ...args];
    await run({ command, args: rest, env: { DEBIAN_FRONTEND: 'noninteractive' } });
  };
  await apt('update', '-qq');
  await apt('install', '-y', '-qq', '--no-install-recommends', ...missing);
}
