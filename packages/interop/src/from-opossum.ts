import { invalidOption, type Policy, systemClock } from '@holdfast/policy';
import { type ForeignCall, ForeignPolicy } from './foreign-layer.ts';
import { translated } from './from-opossum-errors.ts';

/** A breaker of opossum, or of `@holdfast/interop/opossum`, whose action calls the operation that it gets. */
export interface OpossumBreaker {
  /** The name of the breaker. */
  readonly name: string;
  /** Calls the action with an operation. */
  fire(operation: () => Promise<unknown>): Promise<unknown>;
  /** Hears the events of the breaker. */
  on(event: 'open' | 'reject', listener: () => void): unknown;
  /** Hears the failures of the breaker. */
  on(
    event: 'failure',
    listener: (error: Error, latencyMs: number, args: [() => Promise<unknown>]) => void,
  ): unknown;
}

/** The options of a breaker that matter here; their types do not tell of them. */
interface OpossumOptions {
  readonly cache?: unknown;
  readonly coalesce?: unknown;
  readonly resetTimeout?: number;
  readonly timeout?: number | false;
}

type Next = Parameters<ForeignCall>[0];

/** One call under a breaker: the operation that the breaker is fired with, and what became of it. */
class OpossumCall {
  /** The breaker has told that the call failed or was not let in: its answer is a fallback's. */
  hasFailed = false;
  /** The action of the breaker has called the operation. */
  wasCalled = false;
  /** What the operation itself has failed with. */
  failure: { readonly error: unknown } | undefined;
  /** Aborts the operation when the breaker stops waiting for it. */
  readonly controller: AbortController = new AbortController();
  private readonly next: Next;
  private work: Promise<unknown> | undefined;

  constructor(next: Next) {
    this.next = next;
  }

  readonly operation = (): Promise<unknown> => {
    this.wasCalled = true;
    this.work ??= this.begin();
    return this.work;
  };

  private async begin(): Promise<unknown> {
    try {
      return await this.next(this.controller.signal);
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }
}

/** Fires a breaker with the operations of a pipeline. */
class Firing {
  private readonly breaker: OpossumBreaker;
  private readonly options: OpossumOptions;
  private openedAt: number | undefined;
  private readonly underWay: Map<unknown, OpossumCall> = new Map();
  /** The call for which the breaker is being fired right now. */
  private current: OpossumCall | undefined;

  constructor(breaker: OpossumBreaker, options: OpossumOptions) {
    this.breaker = breaker;
    this.options = options;
    breaker.on('open', () => {
      this.openedAt = systemClock.now();
    });
    breaker.on('reject', () => {
      if (this.current !== undefined) this.current.hasFailed = true;
    });
    breaker.on('failure', (_error, _latencyMs, args) => {
      const call = this.underWay.get(args[0]);
      if (call !== undefined) call.hasFailed = true;
    });
  }

  async run(next: Next): Promise<unknown> {
    const call = new OpossumCall(next);
    this.underWay.set(call.operation, call);
    try {
      const value = await this.fire(call);
      if (call.wasCalled || call.hasFailed) return value;
    } catch (error) {
      throw this.errorOf(call, error);
    } finally {
      this.underWay.delete(call.operation);
    }
    throw new TypeError(notCalled(this.breaker.name));
  }

  private fire(call: OpossumCall): Promise<unknown> {
    const before = this.current;
    this.current = call;
    try {
      return this.breaker.fire(call.operation);
    } finally {
      this.current = before;
    }
  }

  private errorOf(call: OpossumCall, error: unknown): unknown {
    const { breaker, options, retryAfterMs } = this;
    // An operation may have such a breaker inside.
    if (call.failure !== undefined && Object.is(call.failure.error, error)) return error;
    const timeoutMs = typeof options.timeout === 'number' ? options.timeout : 0;
    const known = translated(error, { breaker, timeoutMs, retryAfterMs });
    if (call.wasCalled && known !== error) call.controller.abort(known);
    return known;
  }

  /** How long the circuit is open yet; nobody can tell of one that had opened before. */
  private get retryAfterMs(): number | undefined {
    const { resetTimeout } = this.options;
    if (this.openedAt === undefined || resetTimeout === undefined) return undefined;
    const leftMs = this.openedAt + resetTimeout - systemClock.now();
    return leftMs > 0 ? leftMs : undefined;
  }
}

function notCalled(name: string): string {
  return `The action of the breaker "${name}" did not call the operation that it was fired with: fromOpossum needs a breaker whose action is (operation) => operation().`;
}

/**
 * Puts a live breaker of opossum into a pipeline: its state, its options and its events stay its own.
 * A breaker of opossum guards one action, so it has to be one that calls what it is fired with:
 * `new CircuitBreaker((operation) => operation(), options)`. Whoever fires it elsewhere shares its
 * state, in the same form: `breaker.fire(() => readStock('sku-1'))`.
 *
 * Its errors become ours, with the original as `cause`: an open circuit, a lack of places and a
 * shutdown are `RejectedError`s, so that `retry` gives up at once; `ETIMEDOUT` is a `TimeoutError`, and
 * the operation's signal is aborted with it. What its fallback answers, the call gets: name its type.
 * An operation that fails because its caller gave up is a failure to the breaker, unless its
 * `errorFilter` says otherwise.
 *
 * @typeParam Alternative - What the fallback of the breaker answers.
 * @throws `TypeError` when it is no breaker, or one that caches or coalesces: all operations would have
 * one key. A call whose action does not call the operation rejects with a `TypeError`.
 *
 * @example
 * ```ts
 * const breaker = new CircuitBreaker((operation: () => Promise<unknown>) => operation());
 * const policy = compose(retry(), fromOpossum(breaker));
 *
 * const stock = await policy.execute(({ signal }) => readStock('sku-1', { signal }));
 * ```
 */
export function fromOpossum<Alternative = never>(breaker: OpossumBreaker): Policy<Alternative> {
  const {
    fire,
    on,
    options = {},
  } = (breaker ?? {}) as Partial<OpossumBreaker> & {
    readonly options?: OpossumOptions;
  };
  if (typeof fire !== 'function' || typeof on !== 'function') {
    throw invalidOption('breaker', 'a breaker of opossum', breaker, TypeError);
  }
  const shared = (['cache', 'coalesce'] as const).find((name) => options[name]);
  if (shared !== undefined) {
    throw new TypeError(
      `Expected \`breaker\` to have no option \`${shared}\`: all operations would have one key.`,
    );
  }
  const firing = new Firing(breaker, options);
  return new ForeignPolicy<Alternative>('opossum', breaker.name, (next) => firing.run(next));
}
