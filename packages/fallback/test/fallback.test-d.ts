import { fallback, lastKnownGood } from '@holdfast/fallback';
import { type AcceptsOf, type AlternativeOf, compose, noop, type Outcome } from '@holdfast/policy';
import { expectTypeOf, test } from 'vitest';

interface Stock {
  readonly level: number;
}

declare const stock: Stock;

test('the type of a fallback says what it answers with and what it understands', () => {
  const value = fallback({ value: 'none' });
  expectTypeOf<AlternativeOf<typeof value>>().toEqualTypeOf<'none'>();
  expectTypeOf<AcceptsOf<typeof value>>().toEqualTypeOf<unknown>();
  expectTypeOf(value.execute(() => stock)).toEqualTypeOf<Promise<Stock | 'none'>>();
  expectTypeOf(value.outcome(() => stock)).toEqualTypeOf<Promise<Outcome<Stock | 'none'>>>();

  const list = fallback({ value: [] });
  expectTypeOf(list.execute(() => ['a'])).toEqualTypeOf<Promise<string[] | readonly []>>();

  const fn = fallback({ value: (): number => 1 });
  expectTypeOf<AlternativeOf<typeof fn>>().toEqualTypeOf<() => number>();

  const nothing = fallback({ value: undefined });
  expectTypeOf(nothing.execute(() => 1)).toEqualTypeOf<Promise<number | undefined>>();
});

test('the alternative of a function is what it returns or resolves to', () => {
  const sync = fallback({ use: (outcome) => (outcome.ok ? 1 : String(outcome.error)) });
  expectTypeOf<AlternativeOf<typeof sync>>().toEqualTypeOf<string | 1>();

  const async = fallback({ use: async (_, context) => (context.signal.aborted ? null : stock) });
  expectTypeOf<AlternativeOf<typeof async>>().toEqualTypeOf<Stock | null>();

  const rethrows = fallback({
    use: (outcome) => {
      throw outcome.ok ? new Error('empty') : outcome.error;
    },
  });
  expectTypeOf<AlternativeOf<typeof rethrows>>().toEqualTypeOf<never>();
});

test('the alternatives of a chain are those of all its functions', () => {
  const chain = fallback({
    chain: [async () => stock, (outcome) => outcome.ok, () => 'none' as const],
  });
  expectTypeOf<AlternativeOf<typeof chain>>().toEqualTypeOf<Stock | boolean | 'none'>();
});

test('predicates that understand one type of result bind the policy to it', () => {
  const empty = fallback({
    when: (outcome: Outcome<Stock>) => outcome.ok && outcome.value.level === 0,
    value: null,
  });
  expectTypeOf<AcceptsOf<typeof empty>>().toEqualTypeOf<Stock>();
  expectTypeOf(empty.execute(() => stock)).toEqualTypeOf<Promise<Stock | null>>();
  // @ts-expect-error: a string is not what `when` understands
  void empty.execute(() => 'a string');

  const use = fallback({ use: (outcome: Outcome<Stock>) => (outcome.ok ? outcome.value : null) });
  expectTypeOf<AcceptsOf<typeof use>>().toEqualTypeOf<Stock>();

  const chain = fallback({
    when: (outcome: Outcome<Stock>) => !outcome.ok,
    chain: [(outcome) => (outcome.ok ? outcome.value.level : 0), () => 'none' as const],
  });
  expectTypeOf<AcceptsOf<typeof chain>>().toEqualTypeOf<Stock>();
  expectTypeOf<AlternativeOf<typeof chain>>().toEqualTypeOf<number | 'none'>();
});

test('a pipeline widens its results by its fallbacks', () => {
  const pipeline = compose(noop, fallback({ value: 'none' }), fallback({ use: async () => 0 }));
  expectTypeOf(pipeline.execute(() => stock)).toEqualTypeOf<Promise<Stock | 'none' | number>>();
});

test('the last known good value leaves the type of the results as it is', () => {
  const stale = fallback({ use: lastKnownGood<Stock>({ maxAgeMs: 1 }) });
  expectTypeOf<AlternativeOf<typeof stale>>().toEqualTypeOf<Stock>();
  expectTypeOf<AcceptsOf<typeof stale>>().toEqualTypeOf<Stock>();
  expectTypeOf(stale.execute(() => stock)).toEqualTypeOf<Promise<Stock>>();
  // @ts-expect-error: it might be answered with a stock
  void stale.execute(() => 'a string');

  const named = fallback({
    when: (outcome: Outcome<Stock>) => outcome.ok && outcome.value.level < 0,
    use: lastKnownGood<Stock>({ maxAgeMs: 1, clone: (value) => ({ ...value }) }),
  });
  expectTypeOf(named.execute(() => stock)).toEqualTypeOf<Promise<Stock>>();

  const chain = fallback({
    chain: [lastKnownGood<Stock>({ maxAgeMs: 1 }), (outcome) => outcome.ok, () => 'none' as const],
  });
  expectTypeOf<AcceptsOf<typeof chain>>().toEqualTypeOf<Stock>();
  expectTypeOf(chain.execute(() => stock)).toEqualTypeOf<Promise<Stock | boolean | 'none'>>();

  // @ts-expect-error: the first step might answer with a stock
  void chain.execute(() => 'a string');
  const two = [
    lastKnownGood<Stock>({ maxAgeMs: 1 }),
    lastKnownGood<string>({ maxAgeMs: 1 }),
  ] as const;
  // @ts-expect-error: there is no result that both understand
  void (() => fallback({ chain: two }).execute(() => stock));

  // Without a type anything may have been remembered.
  const anything = fallback({ use: lastKnownGood({ maxAgeMs: 1 }) });
  expectTypeOf(anything.execute(() => stock)).toEqualTypeOf<Promise<unknown>>();
});

test('exactly one source is allowed', () => {
  // @ts-expect-error: none is given
  void (() => fallback({}));
  // @ts-expect-error: two are given
  void (() => fallback({ value: 1, use: () => 2 }));
});
