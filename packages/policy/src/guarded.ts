import type { AnyPolicy } from './compose.ts';
import { invalidOption } from './options.ts';
import type { Policy } from './policy.ts';

/** Any method, whatever its `this` and its parameters, whose promise is of a `T`. */
export type AsyncMethod<T = unknown> = (this: never, ...args: never[]) => Promise<T>;

/** What a method's promise must be able to be of, since the policy may answer it. */
export interface AnswersAlso<Alternative> {
  /** Carries the type; no value ever has it. */
  readonly answersAlso: Alternative;
}

/** What {@link guarded} makes: a decorator that leaves the type of the method as it is. */
export type GuardedDecorator<Alternative = never, Accepts = unknown> = <
  M extends AsyncMethod<Accepts>,
>(
  method: M & ([Alternative] extends [Awaited<ReturnType<M>>] ? unknown : AnswersAlso<Alternative>),
  context: ClassMethodDecoratorContext,
) => M;

/** A method, as far as it can be seen from here. */
type AnyMethod = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Decorates a method so that each call of it runs under `policy`: `this`, the arguments and the type stay
 * as they are. It is a standard (TC39) decorator, for public, private and static methods.
 *
 * A method does not see the context of its execution. One that wants its signal calls `execute` itself.
 *
 * @throws `TypeError` when it gets something else than a policy, or decorates something else than a
 * method.
 *
 * @example
 * ```ts
 * class Stock {
 *   @guarded(compose(timeout({ afterMs: 500 }), retry()))
 *   async read(sku: string): Promise<number> {
 *     return sku.length;
 *   }
 * }
 * ```
 */
export function guarded<Alternative = never, Accepts = unknown>(
  policy: Policy<Alternative, Accepts>,
): GuardedDecorator<Alternative, Accepts> {
  checkPolicy(policy);
  const decorate = (method: unknown, context: ClassMethodDecoratorContext): AnyMethod => {
    if (context?.kind === 'method') return guardedMethod(method as AnyMethod, policy);
    throw notMethod(context);
  };
  return decorate as unknown as GuardedDecorator<Alternative, Accepts>;
}

/**
 * Does what {@link guarded} does, where decorators cannot be written: puts a method that runs under
 * `policy` in place of the one that `target` has or inherits. For an instance method, `target` is the
 * prototype; for a static one the class.
 *
 * @throws `TypeError` when `target` has no such method, or when it gets something else than a policy.
 *
 * @example
 * ```ts
 * class Stock {
 *   async read(sku: string): Promise<number> {
 *     return sku.length;
 *   }
 * }
 * guardMethod(Stock.prototype, 'read', retry());
 * ```
 */
export function guardMethod<T extends object, Name extends keyof T>(
  target: T,
  name: Name,
  policy: T[Name] extends AsyncMethod<infer Result> ? Policy<Result, Result> : never,
): void {
  checkPolicy(policy);
  const method: unknown = target[name];
  if (typeof method !== 'function')
    throw invalidOption(String(name), 'a method', method, TypeError);
  const own = Object.getOwnPropertyDescriptor(target, name);
  const former = own ?? { writable: true, configurable: true, enumerable: false };
  const value = guardedMethod(method as AnyMethod, policy);
  Object.defineProperty(target, name, { ...former, value });
}

function checkPolicy(policy: AnyPolicy): void {
  if (typeof policy?.wrap !== 'function') {
    throw invalidOption('policy', 'a policy', policy, TypeError);
  }
}

function guardedMethod(method: AnyMethod, policy: AnyPolicy): AnyMethod {
  const wrapped = (policy as Policy<unknown>).wrap(method);
  for (const name of ['name', 'length']) {
    Object.defineProperty(wrapped, name, { value: Reflect.get(method, name), configurable: true });
  }
  return wrapped;
}

/** Decorators of the old kind are called with a prototype, a name and a descriptor. */
function notMethod(context: unknown): TypeError {
  const { kind, name } = (typeof context === 'object' && context !== null ? context : {}) as {
    readonly kind?: string;
    readonly name?: string | symbol;
  };
  return new TypeError(
    kind === undefined
      ? 'Expected `guarded` to be a standard decorator; turn experimentalDecorators off.'
      : `Expected \`guarded\` to decorate a method, got the ${kind} ${String(name)}.`,
  );
}
