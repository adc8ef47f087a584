import {
  type AdaptiveLimit,
  aimd,
  bulkhead,
  type BulkheadEvents,
  fairQueue,
  fifoQueue,
  gradient2,
  isBulkheadFullError,
  type Permit,
  priorityQueue,
  type QueueOrder,
  vegas,
} from '@holdfast/bulkhead';
import {
  type AcceptsOf,
  type AlternativeOf,
  compose,
  contextKey,
  type EventsOf,
  noop,
} from '@holdfast/policy';
import { expectTypeOf } from 'vitest';

const policy: ReturnType<typeof bulkhead> = bulkhead({ maxConcurrent: 1, maxQueued: undefined });

// It answers with nothing of its own, and takes every result.
expectTypeOf<AlternativeOf<typeof policy>>().toEqualTypeOf<never>();
expectTypeOf<AcceptsOf<typeof policy>>().toEqualTypeOf<unknown>();
expectTypeOf(policy.execute(async () => 1)).toEqualTypeOf<Promise<number>>();
expectTypeOf(policy.tryAcquire()).toEqualTypeOf<Permit | undefined>();

// Its events are typed, in a pipeline too.
expectTypeOf<keyof EventsOf<typeof policy>>().toEqualTypeOf<keyof BulkheadEvents>();
compose(noop, policy).on('dequeued', (event) => {
  expectTypeOf(event.waitedMs).toEqualTypeOf<number>();
});
// @ts-expect-error there is no such event
policy.on('opened', () => undefined);

// The guard tells the error.
const error: unknown = undefined;
if (isBulkheadFullError(error)) {
  expectTypeOf(error.reason).toEqualTypeOf<'full' | 'key-full' | 'queue-timeout' | 'displaced'>();
}

// @ts-expect-error the order of the queue is not changed at run time
policy.resize({ queue: fifoQueue() });

// The functions of a queue get the context, and their answers are typed.
const tenant = contextKey<string>('tenant');
const order = priorityQueue({
  priority: ({ attempt }) => (attempt === 1 ? 3 : undefined),
  within: fairQueue({ key: (context) => context.get(tenant), share: () => 2 }),
  weight: (context) => context.attempt,
});
expectTypeOf(order).toEqualTypeOf<QueueOrder>();
bulkhead({ queue: order });
// @ts-expect-error a class is a number
priorityQueue({ priority: () => 'high' });
// @ts-expect-error a priority queue needs priorities
priorityQueue({ ageAfterMs: 5 });
// @ts-expect-error a key is a string
fairQueue({ key: () => 5 });
// @ts-expect-error not a number: a function of the context
fifoQueue({ weight: 5 });
// @ts-expect-error not the options of a queue: what its factory made
bulkhead({ queue: { priority: () => 1 } });

// An adaptive limit takes the place of a fixed one, and what is a drop is told by the outcome.
expectTypeOf(vegas()).toEqualTypeOf<AdaptiveLimit>();
bulkhead({ limit: gradient2({ isDrop: (outcome) => (outcome.ok ? false : 'ignore') }) });
policy.on('limit-changed', ({ from, to, reason }) => {
  expectTypeOf(from + to).toEqualTypeOf<number>();
  expectTypeOf(reason).toEqualTypeOf<'adapted' | 'probe' | 'resized'>();
});
// @ts-expect-error the answer is about drops
aimd({ isDrop: () => 'drop' });
// @ts-expect-error it does not go by the latency
aimd({ windowMs: 5 });
// @ts-expect-error not the options of a limit: what its factory made
bulkhead({ limit: { maxLimit: 5 } });
// @ts-expect-error how the limit is found is not changed at run time
policy.resize({ limit: aimd() });
