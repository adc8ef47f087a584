// Outlives the process that starts servers, by a moment: when its standard input ends, however that
// process has ended, it kills the servers that are left and deletes their folders.
// One line of JSON per message: see `GuardMessage`.
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { GuardMessage } from './guard.ts';
import { killTree } from './process-tree.ts';

const pids = new Set<number>();
const folders = new Set<string>();

// What ends the tests from the terminal must not end this process before its work.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line) as GuardMessage;
  if (message.pid !== undefined) change(pids, message.pid, message.watch);
  if (message.folder !== undefined) change(folders, message.folder, message.watch);
}
for (const pid of pids) killTree(pid);
for (const folder of folders) {
  // A server that is being killed may still be writing a file.
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}

function change<T>(set: Set<T>, value: T, isWatched: boolean): void {
  if (isWatched) set.add(value);
  else set.delete(value);
}
