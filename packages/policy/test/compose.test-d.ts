import {
  type AcceptsOf,
  type AlternativeOf,
  compose,
  definePolicy,
  type EventSource,
  type EventsOf,
  noop,
  type Outcome,
  type Policy,
  type PolicyEvent,
} from '@holdfast/policy';
import { timeout } from '@holdfast/timeout';
import { expectTypeOf } from 'vitest';

interface Opened extends PolicyEvent {
  readonly event: 'opened';
}
interface Breaker<R = unknown>
  extends Policy<never, R, { opened: Opened }>,
    EventSource<{ opened: Opened }> {}
interface Fallback<A> extends Policy<A> {
  readonly kind: 'fallback';
}
declare const plain: Policy;
declare const breaker: Breaker;
declare const stale: Fallback<'stale'>;
declare const seven: Fallback<7>;
declare const nothing: Fallback<undefined>;
declare const byStatus: Policy<never, { status: number }>;
declare const byHeaders: Policy<never, { headers: object }>;

// What a policy may answer instead.
expectTypeOf<AlternativeOf<Policy>>().toEqualTypeOf<never>();
expectTypeOf<AlternativeOf<Breaker>>().toEqualTypeOf<never>();
expectTypeOf<AlternativeOf<Fallback<'stale'>>>().toEqualTypeOf<'stale'>();
expectTypeOf<AlternativeOf<Fallback<undefined>>>().toEqualTypeOf<undefined>();
expectTypeOf<AcceptsOf<typeof byStatus | typeof byHeaders>>().toEqualTypeOf<
  { status: number } & { headers: object }
>();

// Any number of policies, nested or not.
expectTypeOf(compose().execute(() => 1)).toEqualTypeOf<Promise<number>>();
expectTypeOf(compose(stale, plain, seven).execute(() => 'x')).toEqualTypeOf<Promise<string | 7>>();
expectTypeOf(compose(nothing).execute(() => true)).toEqualTypeOf<Promise<boolean | undefined>>();
const many = compose(
  plain,
  plain,
  plain,
  plain,
  plain,
  plain,
  plain,
  plain,
  plain,
  plain,
  compose(stale, plain),
  seven,
);
expectTypeOf<AlternativeOf<typeof many>>().toEqualTypeOf<'stale' | 7>();
declare const list: Policy[];
expectTypeOf(compose(...list).execute(async () => 1)).toEqualTypeOf<Promise<number>>();
expectTypeOf(compose(stale).outcome(() => 1)).toEqualTypeOf<Promise<Outcome<number | 'stale'>>>();
expectTypeOf(noop.execute(() => Promise.resolve('x'))).toEqualTypeOf<Promise<string>>();

// All predicates have to understand the result.
const both = compose(byStatus, byHeaders);
expectTypeOf(
  both.execute(() => ({ status: 1, headers: {}, n: 1 as const })),
).resolves.toHaveProperty('n');
// @ts-expect-error a string has no status
void both.execute(() => 'x');
// @ts-expect-error the headers are missing
void both.execute(() => ({ status: 1 }));

// A policy without alternatives is a Policy; one with them is not.
export const asPolicy: Policy[] = [plain, breaker, noop, timeout(), compose(breaker)];
// @ts-expect-error a fallback may answer something else
export const notPlain: Policy = stale;
// @ts-expect-error it does not take every result
export const notAny: Policy = byStatus;

// Only policies compose.
// @ts-expect-error a function is no policy
compose(() => 1);

// Events of all layers.
const guarded = compose(timeout(), breaker, plain);
expectTypeOf<keyof EventsOf<typeof guarded>>().toEqualTypeOf<
  'timed-out' | 'late-result' | 'opened'
>();
guarded.on('opened', (event) => expectTypeOf(event).toEqualTypeOf<Opened>());
guarded.on('timed-out', (event) => expectTypeOf(event.timeoutMs).toEqualTypeOf<number>());
guarded
  .named('orders')
  .on('late-result', (event) => expectTypeOf(event.ok).toEqualTypeOf<boolean>());
// @ts-expect-error there is no such event
guarded.on('open', () => undefined);
// @ts-expect-error noop has no events
noop.on('opened', () => undefined);

// wrap keeps the parameters and `this`.
const read = plain.wrap(async (sku: string, count?: number) => ({ sku, count: count ?? 1 }));
expectTypeOf<Parameters<typeof read>>().toEqualTypeOf<[sku: string, count?: number | undefined]>();
expectTypeOf(read('a')).resolves.toEqualTypeOf<{ sku: string; count: number }>();
const method = stale.wrap(function get(this: { base: string }, path: string) {
  return this.base + path;
});
expectTypeOf(method).thisParameter.toEqualTypeOf<{ base: string }>();
expectTypeOf(method).returns.toEqualTypeOf<Promise<string>>();

// A policy of one's own.
const cached = definePolicy<'cached'>('cached', async (next) =>
  Math.random() > 0.5 ? 'cached' : next(),
);
expectTypeOf(cached.execute(() => 1)).toEqualTypeOf<Promise<number | 'cached'>>();
expectTypeOf(definePolicy('plain', (next) => next())).toEqualTypeOf<Policy>();

// Signals may be undefined, contexts are options.
declare const maybe: AbortSignal | undefined;
void plain.execute(() => 1, { signal: maybe });
void plain.execute((context) => noop.execute(() => 1, context));
