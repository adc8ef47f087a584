import { type ContextEntry, contextKey, noop } from '@holdfast/policy';
import { expectTypeOf } from 'vitest';

const tenant = contextKey<string>('tenant');
const retries = contextKey<number>('retries');

// Entries of different types stand in one list.
const properties: readonly ContextEntry[] = [tenant('acme'), retries(3)];
void noop.execute(
  (context) => {
    expectTypeOf(context.get(tenant)).toEqualTypeOf<string | undefined>();
    expectTypeOf(context.get(retries)).toEqualTypeOf<number | undefined>();
  },
  { properties },
);

// @ts-expect-error a key takes values of its own type only
tenant(3);
