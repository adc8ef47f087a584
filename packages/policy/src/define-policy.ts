import type { Run } from './run.ts';
import { type EnterVerdict, type ExitVerdict, pass, taken } from './layer.ts';
import { LayeredPolicy } from './layered-policy.ts';
import { invalidOption } from './options.ts';
import type { ExecutionContext, Policy } from './policy.ts';

/**
 * What a policy of your own does around a call: call `next` none, one or several times, and return
 * what the caller shall get.
 */
export type PolicyFunction<Alternative> = <T>(
  next: () => Promise<T>,
  context: ExecutionContext,
) => Promise<T | Alternative>;

function ignore(): void {}

/** One call of `next`: a branch, and the promise that ends with it. */
class Branch {
  readonly ended: Promise<unknown>;
  readonly run: Run;
  private readonly call: DefinedCall;
  private resolve!: (value: unknown) => void;
  private reject!: (error: unknown) => void;

  constructor(run: Run, at: number, call: DefinedCall) {
    this.call = call;
    this.ended = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // A policy may lose interest in it: that must not be an unhandled rejection.
    this.ended.catch(ignore);
    this.run = run.branch(at, this);
  }

  settle(ok: boolean, value: unknown): void {
    this.call.branches.delete(this);
    if (ok) this.resolve(value);
    else this.reject(value);
  }
}

/** What a defined policy remembers of one call. */
class DefinedCall {
  readonly branches: Set<Branch> = new Set();
  private readonly run: Run;
  private readonly at: number;
  /** Why no further branch may begin. */
  private ending: { readonly reason: unknown } | undefined;

  constructor(run: Run, at: number) {
    this.run = run;
    this.at = at;
  }

  next(): Promise<unknown> {
    if (this.ending !== undefined) return rejected(this.ending.reason);
    const { options } = this.run;
    if (this.run.callerGaveUp) return rejected(options?.signal?.reason);
    const branch = new Branch(this.run, this.at, this);
    this.branches.add(branch);
    branch.run.begin();
    return branch.ended;
  }

  drop(reason: unknown): void {
    this.ending = { reason };
    for (const branch of this.branches) {
      branch.run.drop(reason);
      branch.settle(false, reason);
    }
  }

  abort(reason: unknown): void {
    this.ending = { reason };
    for (const branch of this.branches) branch.run.abortBranch(reason);
  }
}

/** A rejection that may be ignored without harm. */
function rejected(reason: unknown): Promise<never> {
  const promise = Promise.reject(reason);
  promise.catch(ignore);
  return promise;
}

class DefinedPolicy<Alternative> extends LayeredPolicy<Alternative> {
  readonly kind: string = 'defined';
  private readonly around: PolicyFunction<Alternative>;

  constructor(name: string, around: PolicyFunction<Alternative>) {
    super(name);
    this.around = around;
  }

  override get reruns(): boolean {
    return true;
  }

  enter(run: Run, at: number): EnterVerdict {
    const call = new DefinedCall(run, at);
    run.tickets[at] = call;
    this.runAround(call, run).then(
      (value) => run.settle(at, true, value),
      (error: unknown) => run.settle(at, false, error),
    );
    return taken;
  }

  /** Async, so that a synchronous throw of the function is a rejection like any other. */
  private async runAround(call: DefinedCall, run: Run): Promise<unknown> {
    return this.around(() => call.next() as Promise<never>, run);
  }

  branchEnded(run: Run, at: number, ok: boolean, value: unknown): void {
    (run.tickets[at] as Branch).settle(ok, value);
  }

  unpark(run: Run, at: number, reason: unknown): void {
    (run.tickets[at] as DefinedCall).drop(reason);
  }

  abort(run: Run, at: number, reason: unknown): void {
    (run.tickets[at] as DefinedCall).abort(reason);
  }

  success(): ExitVerdict {
    return pass;
  }

  failure(): ExitVerdict {
    return pass;
  }

  protected described(): Readonly<Record<string, unknown>> {
    return {};
  }
}

/**
 * Makes a policy of a function. It composes like any other.
 *
 * The promise of `next` rejects at once when an outer policy stops waiting, or the caller does while
 * the inside waits; it may be ignored without harm. Once the context's signal is aborted, `next` does
 * not begin anything any more.
 *
 * @throws `TypeError` when `name` is not a string or `around` not a function.
 *
 * @example
 * ```ts
 * const logged = definePolicy('logged', async (next, context) => {
 *   console.log(`attempt ${context.attempt}`);
 *   return next();
 * });
 * ```
 */
export function definePolicy<Alternative = never>(
  name: string,
  around: PolicyFunction<Alternative>,
): Policy<Alternative> {
  if (typeof name !== 'string') throw invalidOption('name', 'a string', name, TypeError);
  if (typeof around !== 'function') throw invalidOption('around', 'a function', around, TypeError);
  return new DefinedPolicy(name, around);
}
