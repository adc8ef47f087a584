import { type CircuitBreaker, circuitBreaker, type OpenedEvent } from '@holdfast/circuit-breaker';
import {
  type AcceptsOf,
  type AlternativeOf,
  compose,
  contextKey,
  type ForgottenEvent,
  type Keyed,
  keyed,
  type Outcome,
} from '@holdfast/policy';
import { fallback } from '@holdfast/fallback';
import { expectTypeOf, test } from 'vitest';

const host = contextKey<string>('host');

test('a keyed policy gives the policies of its keys by their own type', () => {
  const breakers = keyed(() => circuitBreaker(), { key: (context) => context.get(host) });
  expectTypeOf(breakers).toEqualTypeOf<Keyed<CircuitBreaker>>();
  expectTypeOf(breakers.get('a')).toEqualTypeOf<CircuitBreaker>();
  expectTypeOf(breakers.execute(() => 1)).toEqualTypeOf<Promise<number>>();
});

test('the key is perhaps undefined, or is not where the key says so', () => {
  keyed(
    (key) => {
      expectTypeOf(key).toEqualTypeOf<string | undefined>();
      return circuitBreaker({ name: key });
    },
    { key: (context) => context.get(host) },
  );
  const sure = keyed((key: string) => circuitBreaker({ name: key }), {
    key: (context) => context.get(host) ?? 'none',
  });
  expectTypeOf(sure.keys()).toEqualTypeOf<IterableIterator<string>>();
  // @ts-expect-error the key may be undefined
  keyed((key: string) => circuitBreaker({ name: key }), { key: (context) => context.get(host) });
  // @ts-expect-error a number is no key
  keyed(() => circuitBreaker(), { key: () => 7 });
});

test('what the policies answer and accept is what the keyed one does', () => {
  const answers = keyed(() => fallback({ value: 'none' as const }), { key: () => 'a' });
  expectTypeOf<AlternativeOf<typeof answers>>().toEqualTypeOf<'none'>();
  const typed = keyed(
    () => circuitBreaker({ isFailure: (outcome: Outcome<{ status: number }>) => !outcome.ok }),
    { key: () => 'a' },
  );
  expectTypeOf<AcceptsOf<typeof typed>>().toEqualTypeOf<{ status: number }>();
  const pipeline = compose(answers, typed);
  expectTypeOf<AlternativeOf<typeof pipeline>>().toEqualTypeOf<'none'>();
});

test('events tell the key', () => {
  const breakers = keyed(() => circuitBreaker(), { key: () => 'a' });
  breakers.on('opened', (event) => {
    expectTypeOf(event.key).toEqualTypeOf<string | undefined>();
    expectTypeOf(event).toExtend<OpenedEvent>();
  });
  breakers.on('forgotten', (event) => expectTypeOf(event).toEqualTypeOf<ForgottenEvent>());
  // @ts-expect-error there is no such event
  breakers.on('broke', () => undefined);
  compose(breakers).on('opened', ({ key }) =>
    expectTypeOf(key).toEqualTypeOf<string | undefined>(),
  );
});
