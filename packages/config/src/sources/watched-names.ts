import { lstat, readlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, parse, resolve, sep } from 'node:path';

/** The folders in which something on the way to a file may change, and what it is called there. */
export type WatchedNames = ReadonlyMap<string, ReadonlySet<string>>;

/** As many links as Linux follows. */
const maxLinks = 40;

/**
 * Where to look for changes of what a path leads to: the folder of the file, and that of each link on
 * the way to it, since links are swapped. Where the way ends early, the folder in which it would go on.
 */
export async function watchedNames(path: string): Promise<WatchedNames> {
  const watched = new Map<string, Set<string>>();
  const absolute = resolve(path);
  let folder = parse(absolute).root;
  let rest = partsOf(absolute);
  for (let links = 0; rest.length > 0 && links <= maxLinks; ) {
    const [name = '', ...others] = rest;
    const here = join(folder, name);
    const link = await linkAt(here);
    if (link !== 'none' || others.length === 0) add(watched, folder, name);
    if (link === 'missing') break;
    if (link === 'none') {
      folder = here;
      rest = others;
    } else {
      links += 1;
      if (isAbsolute(link.target)) folder = parse(link.target).root;
      rest = [...partsOf(link.target), ...others];
    }
  }
  return watched;
}

function add(watched: Map<string, Set<string>>, folder: string, name: string): void {
  // Of `..`, what may change is the folder above it, which has been passed on the way.
  if (name === '..') return;
  const names = watched.get(folder) ?? new Set();
  watched.set(folder, names.add(name));
}

async function linkAt(path: string): Promise<'none' | 'missing' | { readonly target: string }> {
  try {
    const stats = await lstat(path);
    return stats.isSymbolicLink() ? { target: await readlink(path) } : 'none';
  } catch {
    return 'missing';
  }
}

function partsOf(path: string): string[] {
  const inside = isAbsolute(path) ? path.slice(parse(path).root.length) : path;
  return inside.split(sep).filter((part) => part !== '' && part !== '.');
}

/** The name under which the system tells what happens to a folder itself. */
export function ownName(folder: string): string {
  return folder.slice(dirname(folder).length).replaceAll(sep, '');
}
