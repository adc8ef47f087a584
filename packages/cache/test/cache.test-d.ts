import {
  type Cache,
  type CachedOutcome,
  cache,
  type CacheEvents,
  coalesce,
  type Coalesce,
  type CoalesceEvents,
} from '@holdfast/cache';
import {
  type AcceptsOf,
  type AlternativeOf,
  compose,
  contextKey,
  type EventsOf,
  noop,
} from '@holdfast/policy';
import { expectTypeOf } from 'vitest';

const sku = contextKey<string>('sku');
const policy = cache({ key: (context) => context.get(sku), ttlMs: 1_000, maxEntries: undefined });

// It answers with nothing of its own, and takes every result, unless told.
expectTypeOf(policy).toEqualTypeOf<Cache>();
expectTypeOf<AlternativeOf<typeof policy>>().toEqualTypeOf<never>();
expectTypeOf(policy.execute(async () => 1)).toEqualTypeOf<Promise<number>>();
expectTypeOf<AcceptsOf<typeof policy>>().toEqualTypeOf<unknown>();
expectTypeOf(policy.peek('apple')).toEqualTypeOf<CachedOutcome | undefined>();

// What its functions understand is what operations may return, and what callers get: also of another.
const texts = cache<string>({
  key: () => 'key',
  ttlMs: (value) => value.length,
  weightOf: (value) => value.length,
});
expectTypeOf(texts.execute(() => 'text')).toEqualTypeOf<Promise<string>>();
expectTypeOf(compose(noop, texts).execute(() => 'text')).toEqualTypeOf<Promise<string>>();
const inferred = cache({ key: () => 'key', ttlMs: (value: Uint8Array) => value.length });
expectTypeOf<AlternativeOf<typeof inferred>>().toEqualTypeOf<Uint8Array>();
const kept = texts.peek('key');
if (kept?.ok === true) expectTypeOf(kept.value).toEqualTypeOf<string>();
// @ts-expect-error a number is no string
void texts.execute(() => 5);
const pipeline = compose(noop, texts);
// @ts-expect-error neither is it in a pipeline
void pipeline.execute(() => 5);
// @ts-expect-error a clone is of the same type
cache<string>({ key: () => 'key', ttlMs: 1, clone: (value) => value.length });
// @ts-expect-error a key is a string
cache({ key: () => 5, ttlMs: 1 });
// @ts-expect-error there is no safe guess for the time to live
cache({ key: () => 'key' });

const shared = coalesce<Uint8Array>({ key: () => 'key', clone: (value) => value.slice() });
expectTypeOf(shared).toEqualTypeOf<Coalesce<Uint8Array>>();
// @ts-expect-error it keeps nothing
coalesce({ key: () => 'key', ttlMs: 5 });

// Their events are typed, in a pipeline too.
expectTypeOf<keyof EventsOf<typeof policy>>().toEqualTypeOf<keyof CacheEvents>();
expectTypeOf<keyof EventsOf<typeof shared>>().toEqualTypeOf<keyof CoalesceEvents>();
compose(noop, policy).on('stale', (event) => {
  expectTypeOf(event.because).toEqualTypeOf<'revalidating' | 'error'>();
});
// @ts-expect-error there is no such event
shared.on('hit', () => undefined);
