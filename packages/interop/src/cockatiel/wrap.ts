import type { IDefaultPolicyContext, IPolicy, MergePolicies } from './i-policy.ts';

type Wrappable = IPolicy<IDefaultPolicyContext, unknown>;

/**
 * Makes one policy of several, outermost first: of this package, of cockatiel, or what `toCockatiel`
 * made. The function gets the contexts of all of them in one object.
 *
 * @example
 * ```ts
 * const policy = wrap(retryPolicy, breaker, timeoutPolicy);
 *
 * await policy.execute(({ signal, attempt }) => readStock('sku-1', { signal, attempt }));
 * ```
 */
export function wrap<A extends Wrappable>(p1: A): A;
export function wrap<A extends Wrappable, B extends Wrappable>(p1: A, p2: B): MergePolicies<A, B>;
export function wrap<A extends Wrappable, B extends Wrappable, C extends Wrappable>(
  p1: A,
  p2: B,
  p3: C,
): MergePolicies<C, MergePolicies<A, B>>;
export function wrap<
  A extends Wrappable,
  B extends Wrappable,
  C extends Wrappable,
  D extends Wrappable,
>(p1: A, p2: B, p3: C, p4: D): MergePolicies<D, MergePolicies<C, MergePolicies<A, B>>>;
export function wrap<
  A extends Wrappable,
  B extends Wrappable,
  C extends Wrappable,
  D extends Wrappable,
  E extends Wrappable,
>(
  p1: A,
  p2: B,
  p3: C,
  p4: D,
  p5: E,
): MergePolicies<E, MergePolicies<D, MergePolicies<C, MergePolicies<A, B>>>>;
export function wrap<C extends IDefaultPolicyContext, A>(...p: Array<IPolicy<C, A>>): IPolicy<C, A>;
export function wrap(...wrapped: Wrappable[]): unknown {
  const [outermost] = wrapped as [Wrappable, ...Wrappable[]];
  const { onFailure, onSuccess } = outermost;
  const run = (
    fn: (context: IDefaultPolicyContext) => unknown,
    context: Partial<IDefaultPolicyContext>,
    index: number,
  ): unknown => {
    const policy = wrapped[index];
    if (policy === undefined) return fn(context as IDefaultPolicyContext);
    return policy.execute((own) => run(fn, { ...context, ...own }, index + 1), context.signal);
  };
  return {
    _altReturn: undefined,
    onFailure,
    onSuccess,
    wrapped,
    execute: (fn: (context: IDefaultPolicyContext) => unknown, signal?: AbortSignal) =>
      Promise.resolve(run(fn, signal === undefined ? {} : { signal }, 0)),
  };
}
