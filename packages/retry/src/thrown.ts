/** What a function of the user's threw. */
export class Thrown {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/** Calls a function of the user's, and returns what it returns or {@link Thrown}. */
export function attempted<T>(callback: () => T): T | Thrown {
  try {
    return callback();
  } catch (error) {
    return new Thrown(error);
  }
}
