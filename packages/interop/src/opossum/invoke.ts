/** What a breaker guards. */
export type Action = (this: unknown, ...args: unknown[]) => unknown;

/** Calls the action; what it throws becomes a rejection. */
export function invoke(
  action: Action,
  context: unknown,
  args: readonly unknown[],
): Promise<unknown> {
  try {
    return Promise.resolve(Reflect.apply(action, context, args));
  } catch (error) {
    return Promise.reject(error);
  }
}
