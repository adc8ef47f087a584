import {
  abort,
  after,
  behavior,
  type BlastRadius,
  blastRadius,
  chaos,
  type ChaosEvents,
  type ChaosErrorSource,
  everyNth,
  fault,
  hang,
  type Injection,
  isChaosError,
  latency,
  oneOf,
  rate,
  result,
  type SparedReason,
  tamper,
} from '@holdfast/chaos';
import {
  type AcceptsOf,
  type AlternativeOf,
  compose,
  contextKey,
  type EventsOf,
  noop,
  type Outcome,
} from '@holdfast/policy';
import { expectTypeOf } from 'vitest';

interface Stock {
  readonly level: number;
}
declare const stock: Stock;
const when = rate(0.5);

// Faults and waits answer with nothing of their own, and take every result.
const plain = chaos({
  inject: [latency({ minMs: 1, maxMs: 2 }), abort(), behavior(() => 1), after(hang()), fault()],
  when,
});
expectTypeOf<AlternativeOf<typeof plain>>().toEqualTypeOf<never>();
expectTypeOf<AcceptsOf<typeof plain>>().toEqualTypeOf<unknown>();
expectTypeOf(plain.execute(() => stock)).toEqualTypeOf<Promise<Stock>>();

// A result counts among those of the pipeline, wherever it stands.
const one = chaos({ inject: result('none'), when });
expectTypeOf<AlternativeOf<typeof one>>().toEqualTypeOf<'none'>();
expectTypeOf(one.execute(() => stock)).toEqualTypeOf<Promise<Stock | 'none'>>();
expectTypeOf(one.outcome(() => stock)).toEqualTypeOf<Promise<Outcome<Stock | 'none'>>>();
const several = chaos({
  inject: [
    after([latency({ delayMs: 1 }), result(() => null)]),
    oneOf([{ weight: 2, inject: [abort(), result(async () => stock)] }, fault(), result(true)]),
  ],
  when: [everyNth(2), () => true],
});
expectTypeOf<AlternativeOf<typeof several>>().toEqualTypeOf<Stock | null | true>();
expectTypeOf(compose(noop, one, several).execute(() => 1)).toEqualTypeOf<
  Promise<number | 'none' | Stock | null | true>
>();
expectTypeOf(result(new Error('x'))).toEqualTypeOf<Injection<Error>>();

// What changes a result binds the policy to its type.
const changed = chaos({ inject: tamper((value: Stock) => value.level), when });
expectTypeOf<AcceptsOf<typeof changed>>().toEqualTypeOf<Stock>();
expectTypeOf(changed.execute(() => stock)).toEqualTypeOf<Promise<Stock | number>>();
// @ts-expect-error a string is not what it understands
void changed.execute(() => 'a string');

// Predicates and functions get the context.
const tenant = contextKey<string>('tenant');
chaos({
  inject: [
    latency({ delayMs: ({ attempt }, random) => attempt * random() }),
    fault((context) => new Error(context.get(tenant))),
  ],
  when: [(context) => context.get(tenant) === 'test', rate(({ attempt }) => 1 / attempt)],
});
// @ts-expect-error a predicate answers at once
chaos({ inject: fault(), when: async () => true });
// @ts-expect-error which calls are struck has to be said
void (() => chaos({ inject: fault() }));
// @ts-expect-error what is injected has to be said
void (() => chaos({ when }));
// @ts-expect-error either one duration or two bounds
void (() => latency({ delayMs: 1, maxMs: 2 }));
// @ts-expect-error not its options: what blastRadius made
void (() => chaos({ inject: fault(), when, blastRadius: { maxTotal: 1 } }));
expectTypeOf(blastRadius({ maxTotal: 1 })).toEqualTypeOf<BlastRadius>();

// Its events are typed, in a pipeline too.
expectTypeOf<keyof EventsOf<typeof one>>().toEqualTypeOf<keyof ChaosEvents>();
compose(noop, one).on('spared', (event) => {
  expectTypeOf(event.reason).toEqualTypeOf<SparedReason>();
});

// The guard tells the error.
const error: unknown = undefined;
if (isChaosError(error)) expectTypeOf(error.injection).toEqualTypeOf<ChaosErrorSource>();
