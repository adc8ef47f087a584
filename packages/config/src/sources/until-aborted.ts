/**
 * Settles as `work` does, or rejects with `signal.reason` as soon as the signal is aborted, whatever
 * comes of the work then. Leaves no listener on the signal.
 */
export function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    // The reason itself, which need not be an error.
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener('abort', abort, { once: true });
    const unlisten = (): void => signal.removeEventListener('abort', abort);
    void work().then(
      (value) => {
        unlisten();
        resolve(value);
      },
      (error: unknown) => {
        unlisten();
        reject(error);
      },
    );
  });
}
