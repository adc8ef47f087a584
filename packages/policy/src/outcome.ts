/** A call that ended with a value. */
export interface Success<T> {
  /** Always true. */
  readonly ok: true;
  /** The value. */
  readonly value: T;
}

/** A call that ended with an error. */
export interface Failure {
  /** Always false. */
  readonly ok: false;
  /** The error, or whatever was thrown. */
  readonly error: unknown;
}

/** How a call ended: with a value or with an error. */
export type Outcome<T> = Success<T> | Failure;
