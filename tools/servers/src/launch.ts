import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { unwatch, watch } from './guard.ts';

/** What to run: a program that stays in the foreground and writes its log to its output. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** Added to our own environment; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** @default the folder of the server */
  readonly cwd?: string | undefined;
  /** The user to run as, for servers that refuse root. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
}

/** A process that runs, and how it ended. */
export interface Running {
  readonly pid: number;
  /** How it ended: `exit code 1` or `SIGKILL`; never rejects. */
  readonly ended: Promise<string>;
  /** How it ended, once it has. */
  readonly ending: string | undefined;
}

/**
 * For `sh -c`: waits for a line from descriptor 3 and then becomes the program, with the same process
 * id. Where no line comes, since we have died before the guard knew of it, nothing is started.
 */
export const waitForTheWord = 'read -r word <&3 || exit 1; exec 3<&-; exec "$@"';

/** Starts a program whose output goes to the end of a file, and which does not outlive this process. */
export async function launch(what: Launch, folder: string, logFile: string): Promise<Running> {
  const log = openSync(logFile, 'a');
  const child = spawn('/bin/sh', ['-c', waitForTheWord, 'sh', what.command, ...what.args], {
    cwd: what.cwd ?? folder,
    env: { ...process.env, ...what.env },
    // In a group of its own: Ctrl-C in a terminal ends the tests, and they end the server.
    detached: true,
    stdio: ['ignore', log, log, 'pipe'],
    ...what.user,
  });
  try {
    await once(child, 'spawn');
  } finally {
    closeSync(log);
  }
  return guarded(child);
}

async function guarded(child: ChildProcess): Promise<Running> {
  const { pid } = child;
  if (pid === undefined) throw new Error('a process without an id');
  let ending: string | undefined;
  const ended = (async (): Promise<string> => {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    ending = signal ?? `exit code ${code}`;
    await unwatch({ pid }).catch(() => {}); // Without a guard there is nothing to take back.
    return ending;
  })();
  await watch({ pid });
  const word = child.stdio[3] as Writable;
  word.on('error', () => {}); // It has ended already; `ended` tells.
  word.end('go\n');
  return {
    pid,
    ended,
    get ending() {
      return ending;
    },
  };
}
