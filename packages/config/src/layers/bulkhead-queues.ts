import {
  fairQueue,
  type FairQueueOptions,
  fifoQueue,
  priorityQueue,
  type PriorityQueueOptions,
  type QueueOrder,
  type QueueOrderOptions,
} from '@holdfast/bulkhead';
import type { ExecutionContext } from '@holdfast/policy';
import type { AsData, OfKind } from '../format/as-data.ts';
import { anyKind, kindOf } from '../format/objects.ts';
import {
  flag,
  named,
  positiveCount,
  positiveMillisecondsOrInfinity,
  type Schema,
} from '../format/values.ts';
import { numberIn } from './budgets.ts';
import type { Workshop } from './workshop.ts';

/** An order of a queue that has another one inside. */
export interface QueueWithin {
  /** The order among the calls of one class, or of one key. */
  readonly within?: QueueData | undefined;
}

/**
 * The order of a queue: `kind` is the function that makes it in code. `priority`, `key`, `share` and
 * `weight` are names of context keys or of functions of the context.
 */
export type QueueData =
  | AsData<QueueOrderOptions, OfKind<'fifoQueue'>>
  | AsData<PriorityQueueOptions, QueueWithin & OfKind<'priorityQueue'>>
  | AsData<FairQueueOptions, QueueWithin & OfKind<'fairQueue'>>;

const priorityEntries = {
  weight: named,
  priority: named,
  ageAfterMs: positiveMillisecondsOrInfinity,
  displace: flag,
};
const fairEntries = {
  weight: named,
  key: named,
  share: named,
  maxQueuedPerKey: positiveCount,
  displace: flag,
};

/** An order inside another has none inside itself. */
const inPriority = anyKind(
  kindOf<Omit<AsData<FairQueueOptions>, 'within'>, 'key'>('fairQueue', {
    options: 'FairQueueOptions',
    needs: ['key'],
    entries: fairEntries,
  }),
);
const inFair = anyKind(
  kindOf<Omit<AsData<PriorityQueueOptions>, 'within'>, 'priority'>('priorityQueue', {
    options: 'PriorityQueueOptions',
    needs: ['priority'],
    entries: priorityEntries,
  }),
);

export const queueSchema: Schema = anyKind(
  kindOf<AsData<QueueOrderOptions>>('fifoQueue', {
    options: 'QueueOrderOptions',
    entries: { weight: named },
  }),
  kindOf<AsData<PriorityQueueOptions, QueueWithin>, 'priority'>('priorityQueue', {
    options: 'PriorityQueueOptions',
    needs: ['priority'],
    entries: { ...priorityEntries, within: inPriority },
  }),
  kindOf<AsData<FairQueueOptions, QueueWithin>, 'key'>('fairQueue', {
    options: 'FairQueueOptions',
    needs: ['key'],
    entries: { ...fairEntries, within: inFair },
  }),
);

type Read = (context: ExecutionContext) => never;

export function queueOf(option: string, data: unknown, workshop: Workshop): QueueOrder | undefined {
  if (data === undefined) return undefined;
  const given = data as QueueData;
  const read = (name: string, value: unknown): Read =>
    workshop.reader<never>(`${option}.${name}`, value) as Read;
  const weight = read('weight', given.weight);
  if (given.kind === 'fifoQueue') return workshop.at(option, () => fifoQueue({ weight }));
  const within = queueOf(`${option}.within`, given.within, workshop);
  const { displace } = given;
  if (given.kind === 'priorityQueue') {
    const priority = read('priority', given.priority);
    const ageAfterMs = numberIn(given.ageAfterMs) as number;
    const options = { weight, within, displace, priority, ageAfterMs };
    return workshop.at(option, () => priorityQueue(options));
  }
  const [key, share] = [read('key', given.key), read('share', given.share)];
  const maxQueuedPerKey = numberIn(given.maxQueuedPerKey) as number;
  return workshop.at(option, () =>
    fairQueue({ weight, within, displace, key, share, maxQueuedPerKey }),
  );
}
