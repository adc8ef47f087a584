import {
  type Clock,
  commonOptions,
  type ExecutionContext,
  invalidOption,
  knownOptions,
  optionalFunction,
  type Outcome,
} from '@holdfast/policy';
import { type FallbackMemory, isMemory } from './memory.ts';

/**
 * Makes an alternative out of what happened. Its context is that of the call: it has the caller's
 * deadline and properties, and a signal that is aborted when nobody waits for the alternative any more.
 */
export type FallbackFunction<Alternative, Result = unknown> = (
  outcome: Outcome<Result>,
  context: ExecutionContext,
) => Alternative | PromiseLike<Alternative>;

/** Something to answer with, if there is any: a function, or a memory such as {@link lastKnownGood}. */
export type FallbackStep<Alternative, Result = unknown> =
  | FallbackFunction<Alternative, Result>
  | FallbackMemory<Alternative, Result>;

/** A step for each of the alternatives; all of them understand the same results. */
export type FallbackSteps<Alternatives extends readonly unknown[], Result = unknown> = {
  readonly [Step in keyof Alternatives]: FallbackStep<Alternatives[Step], Result>;
} & readonly FallbackStep<unknown, Result>[];

/** What every fallback can be told. */
export interface FallbackCommonOptions<Result> {
  /**
   * Names the outcomes to replace, errors and values alike. It is not asked about an abort by the
   * caller, which always goes through; what it throws is thrown to the caller. A {@link lastKnownGood}
   * never remembers a value that it names.
   *
   * @default (outcome) => !outcome.ok
   */
  readonly when?: ((outcome: Outcome<Result>) => boolean) | undefined;
  /**
   * The name for errors, events and `describe()`.
   *
   * @default 'fallback'
   */
  readonly name?: string | undefined;
  /**
   * Where the time comes from, by which a {@link lastKnownGood} counts the age of a value.
   *
   * @default systemClock
   */
  readonly clock?: Clock | undefined;
}

/** A fallback to a value; see {@link fallback}. */
export interface FallbackValueOptions<Alternative, Result = unknown>
  extends FallbackCommonOptions<Result> {
  /** What the caller gets: this very value, also if it is a function. */
  readonly value: Alternative;
  /** Only one of `value`, `use` and `chain` can be given. */
  readonly use?: undefined;
  /** Only one of `value`, `use` and `chain` can be given. */
  readonly chain?: undefined;
}

/** A fallback to what a function returns; see {@link fallback}. */
export interface FallbackFunctionOptions<Alternative, Result = unknown>
  extends FallbackCommonOptions<Result> {
  /**
   * Makes the alternative, in the async context of the caller. What it throws is thrown to the caller:
   * throw `outcome.error` to let an error through after all. Or a {@link lastKnownGood}.
   */
  readonly use: FallbackStep<Alternative, Result>;
  /** Only one of `value`, `use` and `chain` can be given. */
  readonly value?: undefined;
  /** Only one of `value`, `use` and `chain` can be given. */
  readonly chain?: undefined;
}

/** A fallback to the first of several functions that does not throw; see {@link fallback}. */
export interface FallbackChainOptions<Alternatives extends readonly unknown[], Result = unknown>
  extends FallbackCommonOptions<Result> {
  /**
   * Tried in turn until one does not throw; a {@link lastKnownGood} that knows nothing is passed over.
   * Each gets what came out of the operation, not what the one before it threw. The caller gets the
   * error of the last, when all have thrown.
   */
  readonly chain: FallbackSteps<Alternatives, Result>;
  /** Only one of `value`, `use` and `chain` can be given. */
  readonly value?: undefined;
  /** Only one of `value`, `use` and `chain` can be given. */
  readonly use?: undefined;
}

/** Options of any of the forms, before they are checked. */
export interface AnyFallbackOptions extends FallbackCommonOptions<never> {
  readonly value?: unknown;
  readonly use?: FallbackStep<unknown, never> | undefined;
  readonly chain?: readonly FallbackStep<unknown, never>[] | undefined;
}

const sources = ['value', 'use', 'chain'];

/** Throws an error that names the first option that cannot be used. */
export function checkOptions(options: AnyFallbackOptions): void {
  const { use, chain, when } = knownOptions(options, [...sources, 'when', 'name', 'clock']);
  const given = [Object.hasOwn(options, 'value'), use !== undefined, chain !== undefined];
  if (given.filter(Boolean).length !== 1) {
    throw new TypeError('Expected options to have exactly one of `value`, `use` and `chain`.');
  }
  if (use !== undefined) checkStep('use', use);
  if (chain !== undefined) checkChain(chain);
  optionalFunction('when', when);
  commonOptions(options);
}

function checkChain(chain: readonly unknown[]): void {
  if (!Array.isArray(chain) || chain.length === 0) {
    throw invalidOption('chain', 'a list of functions, not empty', chain, TypeError);
  }
  for (const [i, step] of chain.entries()) checkStep(`chain[${i}]`, step);
}

function checkStep(name: string, step: unknown): void {
  if (typeof step === 'function' || isMemory(step)) return;
  throw invalidOption(name, 'a function or a memory', step, TypeError);
}
