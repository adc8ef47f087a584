import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** One process, as the system's table of processes has it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** Whether it has ended and only its exit code is kept. */
  readonly isZombie: boolean;
  readonly isStopped: boolean;
}

/** All processes of the machine: read from `/proc`, or asked of `ps` where there is none. */
export function listProcesses(): ProcessEntry[] {
  return existsSync('/proc/self/stat') ? fromProc() : fromPs();
}

/** The processes below one, without itself and without those that have ended. */
export function descendantsOf(
  pid: number,
  processes: readonly ProcessEntry[] = listProcesses(),
): number[] {
  const children = processes.filter(({ parent, isZombie }) => parent === pid && !isZombie);
  return children.flatMap((child) => [child.pid, ...descendantsOf(child.pid, processes)]);
}

/** Stops a process and all below it; nothing is born in between, since parents are stopped first. */
export function stopTree(pid: number): void {
  const stopped = new Set<number>();
  for (let found = [pid]; found.length > 0; ) {
    for (const one of found) {
      send(one, 'SIGSTOP');
      stopped.add(one);
    }
    found = descendantsOf(pid).filter((one) => !stopped.has(one));
  }
}

/** Lets a process and all below it go on, those below first. */
export function continueTree(pid: number): void {
  for (const one of [...descendantsOf(pid).toReversed(), pid]) send(one, 'SIGCONT');
}

/**
 * Ends a process and all below it with SIGKILL: also those in groups or sessions of their own. Gives
 * their ids; they are gone a moment later.
 */
export function killTree(pid: number): number[] {
  stopTree(pid);
  const tree = [...descendantsOf(pid).toReversed(), pid];
  for (const one of tree) send(one, 'SIGKILL');
  return tree;
}

/** Whether none of the processes lives; what has ended and waits for its parent to notice is gone. */
export function areGone(pids: readonly number[]): boolean {
  return !listProcesses().some(({ pid, isZombie }) => pids.includes(pid) && !isZombie);
}

/** Whether every process of the tree stands still. */
export function isTreeStopped(pid: number): boolean {
  const processes = listProcesses();
  const tree = new Set([pid, ...descendantsOf(pid, processes)]);
  return processes.every((one) => !tree.has(one.pid) || one.isStopped || one.isZombie);
}

/** Sends a signal; a process that is gone already is none of our business. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function fromProc(): ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(name))
    .filter((entry) => entry !== undefined);
}

function readStat(pid: string): ProcessEntry | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined; // It ended while we were reading.
  }
}

/** Reads a line of `/proc/PID/stat`, where the name of the program may hold spaces and brackets. */
export function parseStat(line: string): ProcessEntry {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const [state = '', parent = ''] = fields;
  const entry = toEntry(Number.parseInt(line, 10), Number(parent), state);
  // The first thread may have ended while others still hold the files and ports of the process.
  const threads = Number(fields[17]);
  return { ...entry, isZombie: entry.isZombie && !(threads > 1) };
}

function fromPs(): ProcessEntry[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' });
  return parsePs(stdout);
}

/** Reads what `ps -A -o pid=,ppid=,stat=` writes. */
export function parsePs(table: string): ProcessEntry[] {
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length === 3)
    .map(([pid, parent, state = '']) => toEntry(Number(pid), Number(parent), state));
}

function toEntry(pid: number, parent: number, state: string): ProcessEntry {
  return { pid, parent, isZombie: state.startsWith('Z'), isStopped: /^[Tt]/.test(state) };
}
