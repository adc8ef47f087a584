import assert from 'node:assert/strict';
import { optionalFunction, positiveMilliseconds } from '@holdfast/policy';
import { sourceCases, type SourceCase } from './contract/config-source-cases.ts';
import type {
  ConfigSourceContractOptions,
  ConfigSourceSubject,
  MakeConfigSource,
} from './contract/config-source-subject.ts';
import { type ContractCase, inTime, withoutStrayRejections } from './contract/contract-case.ts';
import { driven, type WatchedSource, watchSource } from './contract/watched-source.ts';

const defaultPatienceMs = 5_000;
/** A case waits for several things, one after another. */
const waitsPerCase = 4;

/**
 * The contract that every source of configuration keeps, as test cases for the test runner of your
 * choice. Run it for each source of your own. `make` is called anew in each case, and gives the source
 * with the means to change what it reads.
 *
 * It checks what a read and a watch tell, that a read can be given up, that no change is lost, that a
 * failure is told and does not end a watch, and that nothing is told after its end. Every case also
 * fails on an unhandled rejection.
 *
 * @throws `TypeError` when `make` is not a function.
 *
 * @example
 * ```ts
 * import { test } from 'node:test';
 *
 * for (const { name, run } of configSourceContract(makeMine)) test(name, run);
 * ```
 */
export function configSourceContract(
  make: MakeConfigSource,
  options: ConfigSourceContractOptions = {},
): readonly ContractCase[] {
  if (typeof make !== 'function') {
    throw new TypeError(`Expected \`make\` to be a function, got ${typeof make}.`);
  }
  const { watches = true, fails = true, patienceMs = defaultPatienceMs } = options;
  positiveMilliseconds('patienceMs', patienceMs);
  const able = { watches, fails };
  return sourceCases
    .filter(({ needs = [] }) => needs.every((need) => able[need]))
    .map((each) => ({
      name: each.name,
      run: () =>
        withoutStrayRejections(() =>
          inTime(runCase(each, make, patienceMs), waitsPerCase * patienceMs),
        ),
    }));
}

async function runCase(
  { check }: SourceCase,
  make: MakeConfigSource,
  patienceMs: number,
): Promise<void> {
  const subject = await make();
  const watches: WatchedSource[] = [];
  const mistakes: string[] = [];
  try {
    checkSubject(subject);
    await check({
      subject,
      read: (signal = new AbortController().signal) =>
        driven(subject.source.read({ signal }), subject.tick),
      watch() {
        const watched = watchSource(subject, { patienceMs, mistakes });
        watches.push(watched);
        return watched;
      },
    });
  } finally {
    for (const watched of watches) watched.close();
    await subject.cleanUp?.();
  }
  assert.deepEqual(mistakes, []);
}

function checkSubject({ damage, tick, cleanUp }: ConfigSourceSubject): void {
  optionalFunction('damage', damage);
  optionalFunction('tick', tick);
  optionalFunction('cleanUp', cleanUp);
}
