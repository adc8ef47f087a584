import { optionalFunction } from '@holdfast/policy';
import { asyncContextCases } from './contract/async-context.ts';
import { cancellationCases } from './contract/cancellation.ts';
import { compositionCases } from './contract/composition.ts';
import type { ContractCase } from './contract/contract-case.ts';
import { type CaseDefinition, toCase } from './contract/contract-case.ts';
import { eventCases } from './contract/events.ts';
import { lateResultCases } from './contract/late-results.ts';
import { resultCases } from './contract/results.ts';
import type { MakePolicy, PolicyContractOptions } from './contract/subject.ts';
import { timeCases } from './contract/time.ts';
import { waitingCases } from './contract/waiting.ts';
import { workCases } from './contract/work.ts';

const cases: readonly CaseDefinition[] = [
  ...resultCases,
  ...cancellationCases,
  ...lateResultCases,
  ...workCases,
  ...timeCases,
  ...asyncContextCases,
  ...compositionCases,
];

/**
 * The contract that every policy keeps, as test cases for the test runner of your choice. Run it for
 * each policy of your own, and for the pipelines that matter to you.
 *
 * `make` is called anew in each case. It gives the policy in a configuration that changes nothing: no
 * error is retried, no answer replaced, and there is room for 1,000 calls at a time. It passes on the
 * clock and the random numbers that it is called with, where the policy takes such. Every case also
 * fails on an unhandled rejection and on a timer that would keep the process alive.
 *
 * @throws `TypeError` when `make` is not a function.
 *
 * @example
 * ```ts
 * import { test } from 'node:test';
 *
 * const make: MakePolicy = ({ clock }) => timeout({ afterMs: 1_000, clock });
 *
 * for (const { name, run } of policyContract(make)) test(name, run);
 * ```
 */
export function policyContract(
  make: MakePolicy,
  options: PolicyContractOptions = {},
): readonly ContractCase[] {
  if (typeof make !== 'function') {
    throw new TypeError(`Expected \`make\` to be a function, got ${typeof make}.`);
  }
  const { transparent = true, waiting, events = {} } = options;
  optionalFunction('waiting', waiting);
  return [
    ...cases.filter((each) => transparent || !each.needsTransparent),
    ...(waiting === undefined ? [] : waitingCases(waiting)),
    ...Object.entries(events).flatMap(([event, provoke]) => eventCases(event, provoke)),
  ].map((definition) => toCase(definition, make));
}
