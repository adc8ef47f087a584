import type { Clock, ClockTimer } from '@holdfast/policy';
import type { FileContent } from './file-content.ts';
import { FolderWatchers } from './folder-watchers.ts';
import { Settling } from './settling.ts';
import type { ConfigWatch } from './source.ts';
import { watchedNames } from './watched-names.ts';

/** What a {@link FileWatch} looks at, and how. */
export interface FileWatchOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly settleMs: number;
  readonly intervalMs: number;
  /** Whether to have the system tell of changes. Otherwise they are found at the next look. */
  readonly useEvents: boolean;
  /** Looks at the file. Never rejects. */
  readonly look: () => Promise<FileContent>;
  /** Is told each content that has settled. */
  readonly settled: (content: FileContent) => void;
}

/**
 * Watches what a path leads to. Events of the file system only say when to look; the content says what
 * has changed. So a missed event costs no more than the interval, and one too many costs nothing.
 */
export class FileWatch implements ConfigWatch {
  private readonly options: FileWatchOptions;
  private readonly folders: FolderWatchers;
  private readonly settling: Settling;
  private timer: ClockTimer | undefined;
  /** `waiting`: a look is due soon anyway, as what was seen has not settled. */
  private phase: 'idle' | 'looking' | 'waiting' | 'closed' = 'idle';
  private isStale = false;

  constructor(options: FileWatchOptions) {
    this.options = options;
    this.settling = new Settling(options.settleMs);
    this.folders = new FolderWatchers(() => this.notice());
    this.arm(0);
  }

  close(): void {
    this.phase = 'closed';
    this.timer?.cancel();
    this.folders.close();
  }

  /** Something may have changed. */
  private notice(): void {
    if (this.phase === 'idle') {
      this.timer?.cancel();
      void this.look();
    } else if (this.phase === 'looking') this.isStale = true;
  }

  private async look(): Promise<void> {
    this.phase = 'looking';
    const { options } = this;
    // Before the content is read, so that nothing happens unseen between the two.
    if (options.useEvents) await this.folders.update(await watchedNames(options.path));
    this.isStale = false;
    const content = await options.look();
    if (this.isClosed()) return;
    const verdict = this.settling.observe(content.key, options.clock.now());
    if (verdict === 'tell') options.settled(content);
    if (this.isClosed()) return;
    const isUnsettled = verdict === 'wait' || this.isStale;
    this.phase = isUnsettled ? 'waiting' : 'idle';
    this.arm(isUnsettled ? options.settleMs : options.intervalMs);
  }

  /** What `phase` is may change while something is awaited or told. */
  private isClosed(): boolean {
    return this.phase === 'closed';
  }

  private arm(delayMs: number): void {
    this.timer = this.options.clock.setTimeout(() => void this.look(), delayMs);
    this.timer.unref();
  }
}
