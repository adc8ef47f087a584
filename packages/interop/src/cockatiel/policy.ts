/** A class, whatever its constructor takes. */
type Constructor<T> = new (...args: never[]) => T;

/** Which errors and which results a {@link Policy} handles. */
export interface IBasePolicyOptions {
  /** Whether an error is handled. */
  errorFilter: (error: unknown) => boolean;
  /** Whether a value is handled, as if it were an error. */
  resultFilter: (result: unknown) => boolean;
}

type Filter = (value: unknown) => boolean;

const all: Filter = () => true;
const none: Filter = () => false;

function either(one: Filter, other: Filter): Filter {
  return (value) => one(value) || other(value);
}

function ofType<T>(cls: Constructor<T>, predicate: ((value: T) => boolean) | undefined): Filter {
  if (predicate === undefined) return (value) => value instanceof cls;
  return (value) => value instanceof cls && predicate(value);
}

/** Says which errors and results are failures to a policy. It is never changed: each `or` makes another. */
export class Policy {
  /** What it handles. */
  readonly options: Readonly<IBasePolicyOptions>;

  constructor(options: Readonly<IBasePolicyOptions>) {
    this.options = options;
  }

  /** Also handles errors of that class, all of them or those that the predicate names. */
  orType<T>(cls: Constructor<T>, predicate?: (error: T) => boolean): Policy {
    return this.orWhen(ofType(cls, predicate));
  }

  /** Also handles errors that the predicate names. */
  orWhen(predicate: (error: unknown) => boolean): Policy {
    const errorFilter = either(this.options.errorFilter, predicate);
    return new Policy({ ...this.options, errorFilter });
  }

  /** Also handles results that the predicate names. */
  orWhenResult(predicate: (r: unknown) => boolean): Policy {
    const resultFilter = either(this.options.resultFilter, predicate);
    return new Policy({ ...this.options, resultFilter });
  }

  /** Also handles results of that class, all of them or those that the predicate names. */
  orResultType<T>(cls: Constructor<T>, predicate?: (error: T) => boolean): Policy {
    return this.orWhenResult(ofType(cls, predicate));
  }
}

const nothing: Policy = /* @__PURE__ */ new Policy({ errorFilter: none, resultFilter: none });

/** Handles every error, and no result. */
export const handleAll: Policy = /* @__PURE__ */ new Policy({
  errorFilter: all,
  resultFilter: none,
});

/**
 * Handles errors of that class, all of them or those that the predicate names.
 *
 * @example
 * ```ts
 * handleType(NetworkError).orType(HttpError, (error) => error.status === 503);
 * ```
 */
export function handleType<T>(cls: Constructor<T>, predicate?: (error: T) => boolean): Policy {
  return nothing.orType(cls, predicate);
}

/** Handles errors that the predicate names. */
export function handleWhen(predicate: (error: unknown) => boolean): Policy {
  return nothing.orWhen(predicate);
}

/** Handles results of that class, all of them or those that the predicate names. */
export function handleResultType<T>(
  cls: Constructor<T>,
  predicate?: (error: T) => boolean,
): Policy {
  return nothing.orResultType(cls, predicate);
}

/** Handles results that the predicate names. */
export function handleWhenResult(predicate: (error: unknown) => boolean): Policy {
  return nothing.orWhenResult(predicate);
}
