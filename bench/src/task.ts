import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Measurement } from './measure.ts';
import type { Weight } from './weigh.ts';

/** How long is measured. */
export interface Settings {
  readonly roundMs: number;
  readonly rounds: number;
}

/** What a process is to do: the contender is told by its places in the lists. */
export interface Task {
  readonly kind: 'time' | 'allocate' | 'weigh';
  readonly group: number;
  readonly contender: number;
  /** For `'time'` alone. */
  readonly settings?: Settings;
}

/** What a process answers, by the kind of its task. */
export interface Answers {
  readonly time: Measurement;
  /** Bytes of one call. */
  readonly allocate: number;
  readonly weigh: Weight;
}

const runOne = fileURLToPath(new URL('run-one.ts', import.meta.url));
const limitMs = 300_000;

/**
 * Times are taken with the heap that every process has, whose young generation grows to 16 MB at most:
 * here it has that size from the beginning. To count bytes it must hold all that a round allocates.
 */
const flags = {
  time: ['--min-semi-space-size=16'],
  allocate: ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256'],
  weigh: ['--expose-gc', '--max-old-space-size=3000'],
};

/** Runs one contender in a process of its own, with the Node whose path is given. */
export async function perform<K extends Task['kind']>(
  task: Task & { readonly kind: K },
  node: string,
): Promise<Answers[K]> {
  const condition = '--conditions=@holdfast/source';
  const args = [condition, ...flags[task.kind], runOne, JSON.stringify(task)];
  const { stdout } = await promisify(execFile)(node, args, { timeout: limitMs });
  return JSON.parse(stdout) as Answers[K];
}
