declare const valueType: unique symbol;

/** One typed property of a call's context, made by calling a {@link ContextKey}. */
export interface ContextEntry<T = unknown> {
  /** The {@link ContextKey} that made this entry. */
  readonly key: {
    /** What the property is called in messages. */
    readonly keyName: string;
  };
  /** The value that {@link ExecutionContext.get} returns. */
  readonly value: T;
}

/** Names a typed property of a call's context; see {@link contextKey}. */
export interface ContextKey<T> {
  /** Makes the entry to pass in `properties`. */
  (value: T): ContextEntry<T>;
  /** What the property is called in messages. Two keys of one name are still two keys. */
  readonly keyName: string;
  /** Carries the type; never set. */
  readonly [valueType]?: T | undefined;
}

/**
 * Makes the key of a property that travels with a call, through all its policies and into nested
 * calls that get the context as their options.
 *
 * @example
 * ```ts
 * const tenant = contextKey<string>('tenant');
 *
 * await policy.execute((context) => load(context.get(tenant)), { properties: [tenant('acme')] });
 * ```
 */
export function contextKey<T>(name: string): ContextKey<T> {
  const key = (value: T): ContextEntry<T> => ({ key: key as ContextKey<T>, value });
  return Object.assign(key, { keyName: name });
}

/** The value of `key` among `properties`; where a key stands twice, the last entry counts. */
export function propertyOf<T>(
  properties: readonly ContextEntry[] | undefined,
  key: ContextKey<T>,
): T | undefined {
  const entry = properties?.findLast((each) => each.key === key);
  return entry?.value as T | undefined;
}
