import {
  type DelayLearner,
  type Hedge,
  hedge,
  type HedgeEvents,
  hedgeNumber,
  type LearntDelay,
  quantileDelay,
} from '@holdfast/hedge';
import {
  type AcceptsOf,
  type AlternativeOf,
  compose,
  type EventsOf,
  type ExecutionContext,
  noop,
} from '@holdfast/policy';
import { expectTypeOf } from 'vitest';

const policy = hedge({ safe: true, afterMs: 50, maxHedges: undefined });
expectTypeOf(policy).toEqualTypeOf<Hedge>();

// It answers with nothing of its own, and takes every result.
expectTypeOf<AlternativeOf<typeof policy>>().toEqualTypeOf<never>();
expectTypeOf<AcceptsOf<typeof policy>>().toEqualTypeOf<unknown>();
expectTypeOf(policy.execute(async () => 1)).toEqualTypeOf<Promise<number>>();

// Its predicate types what it accepts.
const responses = hedge<Response>({
  safe: (context) => context.attempt === 1,
  afterMs: (_context, number) => number * 10,
  isFailure: (outcome) => outcome.ok && outcome.value.status >= 500,
  dispose: (response) => response.body?.cancel(),
});
expectTypeOf<AcceptsOf<typeof responses>>().toEqualTypeOf<Response>();
void responses.execute(() => fetch('http://localhost/'));
// @ts-expect-error a number is no response
void responses.execute(() => 1);

// Its events are typed, in a pipeline too.
expectTypeOf<keyof EventsOf<typeof policy>>().toEqualTypeOf<keyof HedgeEvents>();
compose(noop, policy).on('hedged', (event) => {
  expectTypeOf(event.reason).toEqualTypeOf<'slow' | 'failed'>();
});
// @ts-expect-error there is no such event
policy.on('lost', () => undefined);

// What is safe, and when to hedge, has to be said.
// @ts-expect-error nothing is safe unless somebody says so
hedge({ afterMs: 50 });
// @ts-expect-error false would make no sense: leave the hedge out
hedge({ safe: false, afterMs: 50 });
// @ts-expect-error there is no good guess
hedge({ safe: true });

expectTypeOf(quantileDelay({ quantile: 0.9 })).toEqualTypeOf<LearntDelay>();
expectTypeOf(quantileDelay().learn()).toEqualTypeOf<DelayLearner>();
expectTypeOf(hedgeNumber).parameter(0).toEqualTypeOf<ExecutionContext>();
expectTypeOf(hedgeNumber).returns.toEqualTypeOf<number>();
