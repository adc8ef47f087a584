import assert from 'node:assert/strict';
import { afterRealMs } from '../real-time.ts';
import { seededRandom } from '../seeded-random.ts';
import { virtualClock } from '../virtual-clock.ts';
import { type MakePolicy, type Subject, subjectOf } from './subject.ts';

/** One test of a contract, for `test(name, run)` of any test runner. */
export interface ContractCase {
  /** What holds, as a sentence. */
  readonly name: string;
  /** Rejects with an `AssertionError` if it does not hold. */
  readonly run: () => Promise<void>;
}

/** One case, before it is known for which policy. */
export interface CaseDefinition {
  readonly name: string;
  /** The case holds only for a policy that leaves values and errors untouched. */
  readonly needsTransparent?: boolean;
  readonly check: (subject: Subject) => void | Promise<void>;
}

const seed = 7;
/** No case waits for real time, so that one that takes as long hangs. */
const patienceMs = 2_000;

export function toCase(definition: CaseDefinition, make: MakePolicy): ContractCase {
  return {
    name: definition.name,
    run: () => withoutStrayRejections(() => inTime(checkCleanly(definition, make))),
  };
}

/** Runs the case, and then looks whether it left something armed. */
async function checkCleanly(definition: CaseDefinition, make: MakePolicy): Promise<void> {
  const clock = virtualClock();
  await definition.check(subjectOf(make, { clock, random: seededRandom(seed) }));
  await clock.flush();
  const idleAt = clock.now();
  await clock.runUntilIdle();
  assert.equal(
    clock.now(),
    idleAt,
    'after the last call, a timer is left that keeps the process alive',
  );
}

/** Fails when `run` takes longer than that, in real time. */
export async function inTime(run: Promise<void>, ms: number = patienceMs): Promise<void> {
  const { promise: tooLong, reject } = Promise.withResolvers<never>();
  const cancel = afterRealMs(ms, () => {
    reject(
      new assert.AssertionError({
        message: `a call of this case is still pending after ${ms} ms`,
      }),
    );
  });
  try {
    await Promise.race([run, tooLong]);
  } finally {
    cancel();
  }
}

/** Fails when a rejection was left unhandled. */
export async function withoutStrayRejections(run: () => Promise<void>): Promise<void> {
  const strays: unknown[] = [];
  const listener = (reason: unknown): void => {
    strays.push(reason);
  };
  process.on('unhandledRejection', listener);
  try {
    await run();
    await virtualClock().flush();
  } finally {
    process.off('unhandledRejection', listener);
  }
  assert.deepEqual(strays, [], 'a rejection was left unhandled');
}
