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
export type Task =
  | {
      readonly kind: 'time';
      readonly group: number;
      readonly contender: number;
      readonly settings: Settings;
    }
  | { readonly kind: 'weigh'; readonly group: number; readonly contender: number };

const runOne = fileURLToPath(new URL('run-one.ts', import.meta.url));
const limitMs = 300_000;

/** Runs one contender in a process of its own, with the Node whose path is given. */
export async function perform(task: Task & { kind: 'time' }, node: string): Promise<Measurement>;
export async function perform(task: Task & { kind: 'weigh' }, node: string): Promise<Weight>;
export async function perform(task: Task, node: string): Promise<Measurement | Weight> {
  // A large young generation: no collection of garbage falls into a round.
  const young = ['--min-semi-space-size=256', '--max-semi-space-size=256'];
  const heap = ['--max-old-space-size=3000', ...(task.kind === 'time' ? young : [])];
  const flags = ['--conditions=@holdfast/source', '--expose-gc', ...heap];
  const args = [...flags, runOne, JSON.stringify(task)];
  const { stdout } = await promisify(execFile)(node, args, { timeout: limitMs });
  return JSON.parse(stdout) as Measurement | Weight;
}
