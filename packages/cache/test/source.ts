import type { ExecutionContext } from '@holdfast/policy';

/** One call of the operation of a {@link Source}. */
interface SourceCall<T> {
  readonly context: ExecutionContext;
  readonly signal: AbortSignal;
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** Something to ask: an operation each of whose calls ends when the test says so. */
export interface Source<T> {
  readonly operation: (context: ExecutionContext) => Promise<T>;
  readonly calls: readonly SourceCall<T>[];
  /** The call that came last. */
  readonly last: SourceCall<T>;
}

export function source<T = string>(): Source<T> {
  const calls: SourceCall<T>[] = [];
  return {
    calls,
    operation(context) {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      calls.push({ context, signal: context.signal, resolve, reject });
      return promise;
    },
    get last() {
      const call = calls.at(-1);
      if (call === undefined) throw new Error('the operation was not called');
      return call;
    },
  };
}

/** Lets all reactions run. */
export function reactions(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
