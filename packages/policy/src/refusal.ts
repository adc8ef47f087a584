import type { Failure } from './outcome.ts';

/**
 * The outcome of a call that was refused outright, see {@link Layer.refuse}. To make an error costs
 * several times what the refusal does: this one's is made when somebody first reads `error`, which is
 * a getter of the class, so that `{ ...outcome }` does not have it.
 */
export abstract class Refusal implements Failure {
  /** Always false. Left to the class that extends this one: two constructors would cost more than one. */
  abstract readonly ok: false;
  declare private made: Error | undefined;

  /** The error; the same one each time. */
  get error(): unknown {
    this.made ??= this.makeError();
    return this.made;
  }

  /** Makes the error of this refusal; called at most once, perhaps much later. */
  protected abstract makeError(): Error;
}
