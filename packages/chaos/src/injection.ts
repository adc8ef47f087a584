import type { ExecutionContext, Outcome, PolicyTypes } from '@holdfast/policy';

/** A call that chaos has struck, as a {@link Step} sees it. */
export interface StruckCall {
  /** The context of the call. */
  readonly context: ExecutionContext;
  /** The name of the policy. */
  readonly policy: string;
  /** How the operation has ended; undefined before it is called. */
  readonly outcome: Outcome<unknown> | undefined;
  /** Answers the call: no later step is taken. A value of the operation is closed. */
  answer(ok: boolean, value: unknown): void;
  /** Puts another value in the place of the operation's; later steps see that one. */
  replace(value: unknown): void;
  /** Takes the next step only after so many milliseconds; Infinity is for ever. */
  waitFor(delayMs: number): void;
  /**
   * Hands `value` to `use`, and before the next step waits for it, if it is a promise. What it rejects
   * with answers the call.
   */
  waitUntil(value: unknown, use: (value: unknown) => void): void;
  /** Aborts the operation's signal after so many milliseconds, unless the call has ended. */
  abortAfter(delayMs: number, reason: () => unknown): void;
}

/** One thing that happens to a struck call. What it throws answers the call. */
export type Step = (call: StruckCall) => void;

/** What happens to one call; written when it comes in, so that no later draw depends on time. */
export interface Script {
  /** The kinds of its injections, in order. */
  readonly kinds: string[];
  /** The latencies, in milliseconds. */
  readonly delaysMs: number[];
  /** Taken one after another before the operation is called. */
  readonly before: Step[];
  /** Taken one after another when it has settled. */
  readonly after: Step[];
}

/**
 * One thing that chaos does to a call; made by `fault`, `result`, `latency`, `hang`, `abort`, `tamper`
 * or `behavior`, or made of others by `after` and `oneOf`.
 *
 * @typeParam Alternative - What it may answer in place of the operation's own value.
 * @typeParam Accepts - The results that it understands.
 */
export interface Injection<out Alternative = never, in Accepts = unknown> {
  /** What it is, such as `'fault'`. */
  readonly kind: string;
  /** Carries the types; never set. */
  readonly types?: PolicyTypes<Alternative, Accepts, never> | undefined;
  /** Whether it happens before the operation is called, or when that has settled. */
  readonly place: 'before' | 'after' | 'either';
  /** It answers the call, so that no other can come after it in its place. */
  readonly isFinal: boolean;
  /** It may abort the operation's signal. */
  readonly aborts: boolean;
  /** Adds what it does to a call to the script of that call. */
  write(script: Script, context: ExecutionContext, random: () => number): void;
}

/** Any injection, whatever its types. */
export type AnyInjection = Injection<unknown, never>;

/** One injection, or several that happen to the same call, one after another. */
export type Injections = AnyInjection | readonly AnyInjection[];

/** The injections of a list, or of one alone. */
export type EachOf<I> = I extends readonly (infer Each)[] ? Each : I;
