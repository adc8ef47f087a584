import { join, resolve } from 'node:path';
import type { Package } from '../packages.ts';

/** Where `pack.ts` leaves the tarballs. */
export const tarballFolder: string = resolve('.cache/packed');

/** The tarball of a package. */
export function tarballOf({ name, manifest }: Package): string {
  return join(tarballFolder, `${name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`);
}
