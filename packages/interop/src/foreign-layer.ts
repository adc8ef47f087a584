import {
  type EnterVerdict,
  type ExitVerdict,
  LayeredPolicy,
  pass,
  type Run,
  taken,
} from '@holdfast/policy';

/** What a policy of another library does around a call; see {@link ForeignPolicy}. */
export type ForeignCall = (
  next: (signal: AbortSignal | undefined) => Promise<unknown>,
  context: Run,
) => Promise<unknown>;

/** One call of `next`: a branch, the promise that ends with it, and the signal that may abort it. */
class Branch {
  readonly ended: Promise<unknown>;
  readonly run: Run;
  private readonly call: TakenCall;
  private readonly signal: AbortSignal | undefined;
  private resolve!: (value: unknown) => void;
  private reject!: (error: unknown) => void;

  constructor(run: Run, call: TakenCall, signal: AbortSignal | undefined) {
    this.call = call;
    this.ended = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // The other library may lose interest in it: that must not be an unhandled rejection.
    this.ended.catch(() => undefined);
    this.run = run.branch(call.at, this);
    this.signal = signal;
    signal?.addEventListener('abort', this.abort, { once: true });
  }

  /** The other library has aborted its own signal. */
  readonly abort = (): void => {
    this.run.abortBranch(this.signal?.reason);
  };

  settle(ok: boolean, value: unknown): void {
    this.signal?.removeEventListener('abort', this.abort);
    this.call.branches.delete(this);
    if (ok) this.resolve(value);
    else this.reject(value);
  }
}

/** What is remembered of one call. */
class TakenCall {
  readonly at: number;
  readonly branches: Set<Branch> = new Set();
  private readonly run: Run;
  /** Why no further branch may begin. */
  private ending: { readonly reason: unknown } | undefined;

  constructor(run: Run, at: number) {
    this.run = run;
    this.at = at;
  }

  next(signal: AbortSignal | undefined): Promise<unknown> {
    if (this.ending !== undefined) return Promise.reject(this.ending.reason);
    const { options } = this.run;
    if (this.run.callerGaveUp) return Promise.reject(options?.signal?.reason);
    if (signal?.aborted) return Promise.reject(signal.reason);
    // The signal of the call itself aborts every branch without anybody's help.
    const own = signal === options?.signal || signal === this.run.signal ? undefined : signal;
    const branch = new Branch(this.run, this, own);
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

/**
 * A policy of another library as a layer of ours. It differs from what `definePolicy` makes in that
 * `next` takes a signal: whoever aborts that one aborts the operation, as a timeout of the other library
 * does.
 */
export class ForeignPolicy<Alternative> extends LayeredPolicy<Alternative> {
  readonly kind: string;
  private readonly around: ForeignCall;

  constructor(kind: string, name: string, around: ForeignCall) {
    super(name);
    this.kind = kind;
    this.around = around;
  }

  override get aborts(): boolean {
    return true;
  }

  override get reruns(): boolean {
    return true;
  }

  enter(run: Run, at: number): EnterVerdict {
    const call = new TakenCall(run, at);
    run.tickets[at] = call;
    this.runAround(call, run).then(
      (value) => run.settle(at, true, value),
      (error: unknown) => run.settle(at, false, error),
    );
    return taken;
  }

  /** Async, so that a synchronous throw of the other library is a rejection like any other. */
  private async runAround(call: TakenCall, run: Run): Promise<unknown> {
    return this.around((signal) => call.next(signal), run);
  }

  branchEnded(run: Run, at: number, ok: boolean, value: unknown): void {
    (run.tickets[at] as Branch).settle(ok, value);
  }

  unpark(run: Run, at: number, reason: unknown): void {
    (run.tickets[at] as TakenCall).drop(reason);
  }

  abort(run: Run, at: number, reason: unknown): void {
    (run.tickets[at] as TakenCall).abort(reason);
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
