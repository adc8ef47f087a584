import { guarded } from '@holdfast/policy';

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

/** Closes a value that nobody will get; what goes wrong is reported. False when there was nothing to close. */
export function discard(value: unknown, dispose: Dispose | undefined, policy: string): boolean {
  let isDisposable = dispose !== undefined;
  guarded(
    () => {
      if (dispose !== undefined) return dispose(value as never);
      const disposer = disposerOf(value);
      isDisposable = disposer !== undefined;
      return disposer?.run();
    },
    { kind: 'retry', event: 'dispose', policy },
  );
  return isDisposable;
}
