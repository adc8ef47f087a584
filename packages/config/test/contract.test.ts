import {
  type ConfiguredPolicy,
  type Policies,
  type PoliciesConfig,
  policiesFrom,
} from '@holdfast/config';
import { compose, contextKey, type Keyed } from '@holdfast/policy';
import { policyContract } from '@holdfast/testing';
import { describe, test } from 'vitest';

const variants: Readonly<Record<string, PoliciesConfig['policies'][string]>> = {
  'without layers': [],
  'of the usual ones': [
    { type: 'timeout', afterMs: 60_000 },
    { type: 'retry', maxAttempts: 1 },
    { type: 'circuitBreaker', failureRatio: 1, minimumCalls: 1_000_000 },
    { type: 'bulkhead', maxConcurrent: 1_000 },
  ],
  'with a pipeline for each key': [
    {
      type: 'keyed',
      key: 'key',
      layers: [
        { type: 'timeout', afterMs: 60_000 },
        { type: 'bulkhead', maxConcurrent: 1_000 },
      ],
    },
  ],
};

/** Until it knows a key, a keyed layer does not know what it can do. */
function known(policies: Policies): ConfiguredPolicy {
  const [first] = policies.get('p').current.layers;
  if (first?.kind === 'keyed') (first as unknown as Keyed).get(undefined);
  return policies.get('p');
}

const options = { contextKeys: { key: contextKey<string>('key') } };

for (const [what, layers] of Object.entries(variants)) {
  describe(`the contract of a pipeline from data, ${what}`, () => {
    const cases = policyContract(({ clock }) =>
      known(policiesFrom({ policies: { p: layers } }, { ...options, clock })),
    );
    for (const { name, run } of cases) test(name, run);
  });

  describe(`the contract of one that is composed, ${what}`, () => {
    const cases = policyContract(({ clock }) =>
      compose(known(policiesFrom({ policies: { p: layers } }, { ...options, clock }))),
    );
    for (const { name, run } of cases) test(name, run);
  });

  describe(`the contract of one that has been changed, ${what}`, () => {
    const cases = policyContract(({ clock }) => {
      const policies = policiesFrom(
        { policies: { p: [{ type: 'retry' }] } },
        { ...options, clock },
      );
      policies.apply({ policies: { p: layers } });
      return known(policies);
    });
    for (const { name, run } of cases) test(name, run);
  });
}
