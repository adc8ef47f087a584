import {
  bulkhead,
  type BulkheadEvents,
  isBulkheadFullError,
  type Permit,
} from '@holdfast/bulkhead';
import { type AcceptsOf, type AlternativeOf, compose, type EventsOf, noop } from '@holdfast/policy';
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

// @ts-expect-error the time in the queue is not changed at run time
policy.resize({ maxQueueMs: 5 });
