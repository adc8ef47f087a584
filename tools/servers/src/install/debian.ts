import { findProgram } from './find-program.ts';
import { runNiced } from './run.ts';
import type { DebianPackage } from './source.ts';

/** A package of Debian that brings a program; who has the program from elsewhere needs no package. */
export function debianPackage(
  name: string,
  program: string,
  find: (program: string) => string | undefined = findProgram,
): DebianPackage {
  return { name, isPresent: () => find(program) !== undefined };
}

/** Installs the packages that are missing, as root or by `sudo`. */
export async function installPackages(
  packages: readonly DebianPackage[],
  report: (line: string) => void,
): Promise<void> {
  const missing = packages.filter((one) => !one.isPresent()).map(({ name }) => name);
  if (missing.length === 0) return;
  const command = aptCommand(missing);
  report(`apt-get install ${missing.join(' ')}`);
  await runNiced({ command: 'env', args: [...command, 'update', '-qq'] });
  await runNiced({
    command: 'env',
    args: [...command, 'install', '-y', '-qq', '--no-install-recommends', ...missing],
  });
}

function aptCommand(packages: readonly string[]): string[] {
  const what = packages.join(' ');
  if (findProgram('apt-get') === undefined) {
    throw new Error(
      `there is no apt-get here: install by other means what is called ${what} in Debian`,
    );
  }
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && findProgram('sudo') === undefined) {
    throw new Error(`neither root nor sudo: have somebody run apt-get install ${what}`);
  }
  const asRoot = isRoot ? [] : ['sudo'];
  const quietly = ['env', 'DEBIAN_FRONTEND=noninteractive'];
  return [...asRoot, ...quietly, 'apt-get', '-o', 'DPkg::Lock::Timeout=120'];
}
