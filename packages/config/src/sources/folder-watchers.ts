import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { ownName, type WatchedNames } from './watched-names.ts';

interface Watched {
  readonly watcher: FSWatcher;
  /** Which folder it was: another one may have taken its place. */
  readonly identity: string;
  names: ReadonlySet<string>;
}

/**
 * Tells when one of some names in some folders may have changed. Where the system cannot watch a
 * folder (too many watchers, a mount that does not support it), it tells nothing of it.
 */
export class FolderWatchers {
  private readonly notify: () => void;
  private readonly watched = new Map<string, Watched>();
  private closed = false;

  constructor(notify: () => void) {
    this.notify = notify;
  }

  /** Watches these from now on, and no others. Never rejects. */
  async update(folders: WatchedNames): Promise<void> {
    for (const folder of this.watched.keys()) if (!folders.has(folder)) this.forget(folder);
    for (const [folder, names] of folders) {
      const identity = await identityOf(folder);
      if (this.closed) return;
      const known = this.watched.get(folder);
      if (known !== undefined && known.identity === identity) known.names = names;
      else {
        this.forget(folder);
        if (identity !== undefined) this.arm(folder, { identity, names });
      }
    }
  }

  close(): void {
    this.closed = true;
    for (const folder of this.watched.keys()) this.forget(folder);
  }

  private arm(folder: string, what: Pick<Watched, 'identity' | 'names'>): void {
    let watcher: FSWatcher;
    try {
      watcher = watch(folder, { persistent: false });
    } catch {
      // Looking from time to time finds changes too.
      return;
    }
    const entry: Watched = { ...what, watcher };
    this.watched.set(folder, entry);
    const own = ownName(folder);
    watcher.on('change', (_event, name) => {
      if (name === null || name === own || entry.names.has(String(name))) this.notify();
    });
    watcher.on('error', () => {
      if (this.watched.get(folder) === entry) this.forget(folder);
    });
  }

  private forget(folder: string): void {
    this.watched.get(folder)?.watcher.close();
    this.watched.delete(folder);
  }
}

async function identityOf(folder: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(folder, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
