import type { CircuitBreaker } from '@holdfast/circuit-breaker';
import {
  type ConfigSource,
  type ConfiguredPolicy,
  type Policies,
  type PoliciesConfig,
  policiesFrom,
} from '@holdfast/config';
import { contextKey } from '@holdfast/policy';
import { expectTypeOf } from 'vitest';

// The names of data that is known are known.
const policies = policiesFrom({ policies: { payment: [{ type: 'retry' }], stock: [] } });
expectTypeOf(policies).toEqualTypeOf<Policies<'payment' | 'stock'>>();
// @ts-expect-error there is no such pipeline
policies.get('order');

// Those of any other data are strings, or what the code asks for.
expectTypeOf(policiesFrom(JSON.parse('{}'))).toEqualTypeOf<Policies>();
const unknownData: unknown = {};
expectTypeOf(policiesFrom(unknownData)).toEqualTypeOf<Policies>();
expectTypeOf(policiesFrom(unknownData, { names: ['a', 'b'] })).toEqualTypeOf<Policies<'a' | 'b'>>();
expectTypeOf(policiesFrom<'a'>(unknownData)).toEqualTypeOf<Policies<'a'>>();
// A source takes its time.
declare const source: ConfigSource;
expectTypeOf(policiesFrom(source)).toEqualTypeOf<Promise<Policies>>();
expectTypeOf(policiesFrom(source, { names: ['a'] })).toEqualTypeOf<Promise<Policies<'a'>>>();

// A pipeline answers with the operation's own value, unless somebody says what else.
const payment: ConfiguredPolicy = policies.get('payment');
expectTypeOf(payment.execute(() => 5)).toEqualTypeOf<Promise<number>>();
expectTypeOf(policies.get<string>('payment').execute(() => 5)).toEqualTypeOf<
  Promise<number | string>
>();
expectTypeOf(policies.layer<CircuitBreaker>('payment', 'circuitBreaker').state).toBeString();
payment.on('retried', ({ delayMs }) => expectTypeOf(delayMs).toBeNumber());
policies.on('changed', ({ changes }) => expectTypeOf(changes).items.toHaveProperty('policy'));
// @ts-expect-error there is no such event
policies.on('chagned', () => undefined);

// Functions and context keys of any kind can be given.
policiesFrom(unknownData, {
  functions: { isBusy: (outcome: { readonly ok: boolean }) => outcome.ok },
  contextKeys: { tenant: contextKey<string>('tenant'), urgency: contextKey<number>('urgency') },
});

// The format has a type, whose options are those of the makers.
const good: PoliciesConfig = {
  defaults: { retry: { maxAttempts: 'Infinity', backoff: [100, 200] } },
  budgets: { db: { kind: 'retryBudget', ratio: 0.1 } },
  templates: { quick: { type: 'timeout', afterMs: 5 } },
  layers: { db: { type: 'bulkhead', queue: { kind: 'fairQueue', key: 'tenant' } } },
  policies: { p: ['db', { type: 'retry', budget: 'db', shouldRetry: 'isBusy' }] },
};
expectTypeOf(good.policies).toBeObject();
const bad: PoliciesConfig = {
  policies: {
    // @ts-expect-error an option that no retry has
    p: [{ type: 'retry', attempts: 5 }],
  },
};
expectTypeOf(bad).toBeObject();
