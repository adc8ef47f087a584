import type { Group } from '../group.ts';
import { concurrencyGroups } from './concurrency.ts';
import { failureGroups } from './failures.ts';
import { furtherGroups } from './further.ts';
import { keyGroups } from './keys.ts';
import { pipelineGroups } from './pipelines.ts';
import { signalGroups } from './signals.ts';
import { singleGroups } from './single.ts';

/** Everything that is timed. */
export const groups: readonly Group[] = [
  ...singleGroups,
  ...furtherGroups,
  ...pipelineGroups,
  ...failureGroups,
  ...concurrencyGroups,
  ...keyGroups,
  ...signalGroups,
];
