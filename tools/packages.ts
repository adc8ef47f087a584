import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What the tools read of a package.json. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean | undefined;
  readonly description: string;
  readonly exports?:
    | Readonly<Record<string, string | Readonly<Record<string, string>>>>
    | undefined;
  readonly dependencies?: Readonly<Record<string, string>> | undefined;
}

/** A published package of this repository. */
export interface Package {
  /** The full name: `@holdfast/retry`. */
  readonly name: string;
  /** The folder's name, which is the name without its scope: `retry`. */
  readonly shortName: string;
  /** The folder, relative to the root: `packages/retry`. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Every package of `packages/` that is not private, by name. The tools run in the root. */
export function publishedPackages(): Package[] {
  return globSync('packages/*/package.json')
    .toSorted()
    .map((file) => {
      const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
      const folder = dirname(file).replaceAll('\\', '/');
      return { name: manifest.name, shortName: folder.slice('packages/'.length), folder, manifest };
    })
    .filter(({ manifest }) => manifest.private !== true);
}
