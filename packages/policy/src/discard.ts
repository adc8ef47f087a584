import { runGuarded } from './events.ts';

/** Closes a value. */
export type Dispose = (value: never) => unknown;

interface Disposer {
  readonly run: () => unknown;
}

function method(target: unknown, name: PropertyKey): Disposer | undefined {
  if (typeof target !== 'object' || target === null) return undefined;
  const found = (target as Record<PropertyKey, unknown>)[name];
  return typeof found === 'function' ? { run: () => found.call(target) as unknown } : undefined;
}

function ownDisposer(target: unknown): Disposer | undefined {
  return method(target, Symbol.asyncDispose) ?? method(target, Symbol.dispose);
}

/**
 * How to close a value, if it can be closed: by `Symbol.asyncDispose` or `Symbol.dispose`, or by
 * cancelling the body of a response (of `fetch`, or of `request` of undici), which frees its
 * connection. A body that somebody reads already is left to its reader.
 */
function disposerOf(value: unknown): Disposer | undefined {
  const own = ownDisposer(value);
  if (own !== undefined || typeof value !== 'object' || value === null) return own;
  const { body } = value as { readonly body?: { readonly locked?: unknown } | null };
  if (typeof body !== 'object' || body === null || body.locked === true) return undefined;
  return method(body, 'cancel') ?? ownDisposer(body);
}

/** How {@link discard} closes a value, and for whom. */
export interface DiscardOptions {
  /** Closes it; without it, the value's own means are tried. */
  readonly dispose: Dispose | undefined;
  /** The kind of the policy that had the value, for the report of what goes wrong. */
  readonly kind: string;
  /** The name of that policy. */
  readonly name: string;
}

/**
 * Closes a value that nobody will get, such as the response of an attempt that is retried: by
 * `dispose`, or by its own `Symbol.asyncDispose`, `Symbol.dispose`, or the body of a response. What
 * goes wrong is reported as a warning. False when there was nothing to close.
 *
 * @example
 * ```ts
 * discard(response, { dispose: undefined, kind: 'retry', name: 'inventory' });
 * ```
 */
export function discard(value: unknown, options: DiscardOptions): boolean {
  const { dispose, kind, name } = options;
  let isDisposable = dispose !== undefined;
  runGuarded(
    () => {
      if (dispose !== undefined) return dispose(value as never);
      const disposer = disposerOf(value);
      isDisposable = disposer !== undefined;
      return disposer?.run();
    },
    { kind, event: 'dispose', policy: name },
  );
  return isDisposable;
}
