import { TimeoutError, withoutStack } from '../errors.ts';
import type { ExecuteOptions, Operation } from '../policy.ts';
import type { Plan } from './plan.ts';
import type { Refusal } from '../refusal.ts';
import { Attempt } from './attempt.ts';
import { promiseOf } from './promise-of.ts';
import { Rejection } from './rejection.ts';

/** Runs an operation under a plan. The promise is of its value, or of an outcome. */
export function start(
  plan: Plan,
  operation: Operation<unknown>,
  options: ExecuteOptions | undefined,
  asOutcome: boolean,
): Promise<unknown> {
  if (typeof operation !== 'function') {
    return Promise.reject(
      new TypeError(`Expected the operation to be a function, got ${typeof operation}.`),
    );
  }
  if (options === undefined && plan.gate !== undefined) {
    const refusal = plan.gate.refuse?.();
    if (refusal !== undefined) return refusedOutright(refusal, asOutcome);
  }
  const run = new Attempt(plan, operation, options, asOutcome);
  if (options !== undefined && !mayStart(run, plan, options)) return run.promise();
  if (plan.keepsContext) run.keepContext();
  return plan.watches ? watched(run) : direct(run);
}

function refusedOutright(refusal: Refusal, asOutcome: boolean): Promise<unknown> {
  return Promise.resolve(asOutcome ? refusal : new Rejection(refusal.error));
}

/** Refuses a call whose caller has given up already or whose time is over. */
function mayStart(run: Attempt, plan: Plan, options: ExecuteOptions): boolean {
  const { signal, deadline } = options;
  const mistake = mistakeIn(options, signal, deadline);
  if (mistake !== undefined) run.refuse(mistake);
  else if (signal?.aborted) run.refuse(signal.reason);
  else if (deadline !== undefined && run.time(plan.clock) >= deadline) run.refuse(tooLate());
  else return true;
  return false;
}

/** Signals of another realm, or of a polyfill, are no instances of our `AbortSignal`. */
function isSignal(value: unknown): boolean {
  return typeof (value as Partial<AbortSignal> | null)?.addEventListener === 'function';
}

/** What is wrong with what came in place of options; for callers that no compiler checks. */
function mistakeIn(options: unknown, signal: unknown, deadline: unknown): TypeError | undefined {
  if (isSignal(options)) {
    return new TypeError('Expected the options to be an object, got a signal: pass `{ signal }`.');
  }
  if (signal !== undefined && signal !== null && !isSignal(signal)) {
    return new TypeError(`Expected \`signal\` to be an AbortSignal, got ${typeof signal}.`);
  }
  if (deadline !== undefined && typeof deadline !== 'number') {
    return new TypeError(`Expected \`deadline\` to be a number, got ${typeof deadline}.`);
  }
  return undefined;
}

function tooLate(): TimeoutError {
  const message = 'the deadline had passed before the call began';
  return withoutStack(() => new TimeoutError(message, { timeoutMs: 0, started: false }));
}

/** Somebody may stop waiting before the operation has settled: the caller gets a promise of its own. */
function watched(run: Attempt): Promise<unknown> {
  return new Promise((resolve) => {
    run.resolve = resolve;
    run.startWatching();
    run.goInwards(0);
  });
}

/** Nobody may: the promise that `.then` returns is the caller's, which saves one per call. */
function direct(run: Attempt): Promise<unknown> {
  if (!run.enterAll()) return run.promise();
  let result: unknown;
  let promise: Promise<unknown> | undefined;
  try {
    result = run.call();
    promise = promiseOf(result);
  } catch (error) {
    return settled(run, false, error);
  }
  if (promise === undefined) return settled(run, true, result);
  return promise.then(succeeded.bind(run), failed.bind(run));
}

function succeeded(this: Attempt, value: unknown): unknown {
  return this.through(true, value);
}

function failed(this: Attempt, error: unknown): unknown {
  return this.through(false, error);
}

function settled(run: Attempt, ok: boolean, value: unknown): Promise<unknown> {
  return Promise.resolve(run.through(ok, value));
}
