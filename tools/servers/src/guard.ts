import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What the guard is told: to watch, or no longer to watch, a process or a folder. */
export interface GuardMessage {
  readonly watch: boolean;
  readonly pid?: number | undefined;
  readonly folder?: string | undefined;
}

let guard: ChildProcess | undefined;
let watched: readonly GuardMessage[] = [];

/**
 * Has the guard end a process, or delete a folder, when this process ends in whatever way. Once the
 * promise has resolved that is certain: the message lies in the guard's pipe, which outlives us.
 */
export async function watch(what: Omit<GuardMessage, 'watch'>): Promise<void> {
  watched = [...watched, { ...what, watch: true }];
  if (guard === undefined) {
    guard = startGuard();
    await Promise.all(watched.map((message) => tell(message)));
  } else await tell({ ...what, watch: true });
}

/** Ends what `watch` began. */
export async function unwatch(what: Omit<GuardMessage, 'watch'>): Promise<void> {
  watched = watched.filter(({ pid, folder }) => pid !== what.pid || folder !== what.folder);
  if (guard !== undefined) await tell({ ...what, watch: false });
}

function startGuard(): ChildProcess {
  const file = fileURLToPath(new URL('guard-process.ts', import.meta.url));
  // Detached: in a session of its own, out of reach of what ends the tests and all their group.
  const child = spawn(process.execPath, ['--no-warnings', file], {
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
    env: { PATH: process.env['PATH'] },
    cwd: '/',
  });
  child.once('exit', () => {
    if (guard === child) guard = undefined;
  });
  child.unref();
  child.stdin?.on('error', () => {}); // Told by the callback of `write`.
  (child.stdin as unknown as { unref(): void }).unref();
  return child;
}

async function tell(message: GuardMessage): Promise<void> {
  const stdin = guard?.stdin;
  if (stdin === undefined || stdin === null) throw new Error('the guard of the servers has ended');
  await new Promise<void>((resolve, reject) => {
    stdin.write(`${JSON.stringify(message)}\n`, (error) => {
      if (error) reject(new Error('the guard of the servers has ended', { cause: error }));
      else resolve();
    });
  });
}
