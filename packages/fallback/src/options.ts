import {
  commonOptions,
  type ExecutionContext,
  invalidOption,
  knownOptions,
  optionalFunction,
  type Outcome,
} from '@holdfast/policy';

/**
 * Makes an alternative out of what happened. Its context is that of the call: it has the caller's
 * deadline and properties, and a signal that is aborted when nobody waits for the alternative any more.
 */
export type FallbackFunction<Alternative, Result = unknown> = (
  outcome: Outcome<Result>,
  context: ExecutionContext,
) => Alternative | PromiseLike<Alternative>;

/** A fallback function for each of the alternatives. */
export type FallbackSteps<Alternatives extends readonly unknown[], Result = unknown> = {
  readonly [Step in keyof Alternatives]: FallbackFunction<Alternatives[Step], Result>;
};

/** What every fallback can be told. */
export interface FallbackCommonOptions<Result> {
  /**
   * Names the outcomes to replace, errors and values alike. It is not asked about an abort by the
   * caller, which always goes through; what it throws is thrown to the caller.
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
   * throw `outcome.error` to let an error through after all.
   */
  readonly use: FallbackFunction<Alternative, Result>;
  /** Only one of `value`, `use` and `chain` can be given. */
  readonly value?: undefined;
  /** Only one of `value`, `use` and `chain` can be given. */
  readonly chain?: undefined;
}

/** A fallback to the first of several functions that does not throw; see {@link fallback}. */
export interface FallbackChainOptions<Alternatives extends readonly unknown[], Result = unknown>
  extends FallbackCommonOptions<Result> {
  /**
   * Tried in turn until one does not throw. Each gets what came out of the operation, not what the
   * one before it threw. The caller gets the error of the last, when all have thrown.
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
  readonly use?: FallbackFunction<unknown, never> | undefined;
  readonly chain?: readonly FallbackFunction<unknown, never>[] | undefined;
}

const sources = ['value', 'use', 'chain'];

/** Throws an error that names the first option that cannot be used. */
export function checkOptions(options: AnyFallbackOptions): void {
  const { use, chain, when } = knownOptions(options, [...sources, 'when', 'name']);
  const given = [Object.hasOwn(options, 'value'), use !== undefined, chain !== undefined];
  if (given.filter(Boolean).length !== 1) {
    throw new TypeError('Expected options to have exactly one of `value`, `use` and `chain`.');
  }
  optionalFunction('use', use);
  if (chain !== undefined) checkChain(chain);
  optionalFunction('when', when);
  commonOptions(options);
}

function checkChain(chain: readonly unknown[]): void {
  if (!Array.isArray(chain) || chain.length === 0) {
    throw invalidOption('chain', 'a list of functions, not empty', chain, TypeError);
  }
  for (const [i, step] of chain.entries()) {
    if (typeof step !== 'function')
      throw invalidOption(`chain[${i}]`, 'a function', step, TypeError);
  }
}
