import type { Operation } from '@holdfast/policy';

/** An operation whose end the test decides. */
export interface Work {
  readonly operation: Operation<string>;
  readonly isStarted: boolean;
  resolve(value?: string): void;
  reject(error: unknown): void;
}

export function work(onStart: () => void = () => undefined): Work {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let isStarted = false;
  return {
    operation() {
      isStarted = true;
      onStart();
      return promise;
    },
    get isStarted() {
      return isStarted;
    },
    resolve: (value = 'done') => resolve(value),
    reject,
  };
}

/** Lets all reactions run. */
export function reactions(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
