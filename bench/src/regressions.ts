import { groups } from './groups/index.ts';
import type { NodeBinary } from './nodes.ts';
import { progress } from './progress.ts';
import { type Results, timeOf } from './results.ts';
import { perform } from './task.ts';

/** How much more than the committed ratio is too much. */
const tolerance = 1.5;
const quick = { roundMs: 25, rounds: 5 };

/** A contender that has become slower. */
export interface Regression {
  readonly group: string;
  readonly contender: string;
  /** The best of five rounds of the second run. */
  readonly ratio: number;
  readonly committed: number;
}

/**
 * Measures our contenders anew, shortly, and compares the best of five ratios with the committed one.
 * One that is too slow gets a second chance; times are never compared.
 */
export async function regressions(committed: Results, node: NodeBinary): Promise<Regression[]> {
  const major = node.version.split('.')[0];
  const run = committed.runs.find((each) => each.node.split('.')[0] === major);
  const found: Regression[] = [];
  for (const [group, { name, contenders }] of groups.entries()) {
    for (const [contender, each] of contenders.entries()) {
      const former = timeOf(run, name, each.name);
      if (!each.name.startsWith('holdfast') || former === undefined) continue;
      progress(`${name}, ${each.name}`);
      const task = { kind: 'time', group, contender, settings: quick } as const;
      const limit = former.ratio * tolerance;
      let { best } = await perform(task, node.path);
      if (best > limit) ({ best } = await perform(task, node.path));
      if (best > limit) {
        found.push({ group: name, contender: each.name, ratio: best, committed: former.ratio });
      }
    }
  }
  progress('');
  return found;
}
