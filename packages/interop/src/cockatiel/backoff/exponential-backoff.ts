import type { IBackoff, IBackoffFactory } from './backoff.ts';
import { decorrelatedJitterGenerator, type GeneratorFn } from './jitter-generators.ts';

/** What an {@link ExponentialBackoff} can be told. */
export interface IExponentialBackoffOptions<S> {
  /**
   * Makes the delays.
   *
   * @default decorrelatedJitterGenerator
   */
  generator: GeneratorFn<S>;
  /**
   * The longest delay, in milliseconds.
   *
   * @default 30_000
   */
  maxDelay: number;
  /**
   * What each delay is multiplied by to get the next, before jitter.
   *
   * @default 2
   */
  exponent: number;
  /**
   * The first delay before jitter, in milliseconds.
   *
   * @default 128
   */
  initialDelay: number;
}

/** Delays that grow, with jitter unless told otherwise. */
export class ExponentialBackoff<S> implements IBackoffFactory<unknown> {
  private readonly options: IExponentialBackoffOptions<S>;

  constructor(options?: Partial<IExponentialBackoffOptions<S>>) {
    this.options = {
      // Whoever names a state of another type names its generator as well.
      generator: decorrelatedJitterGenerator as unknown as GeneratorFn<S>,
      maxDelay: 30_000,
      exponent: 2,
      initialDelay: 128,
      ...options,
    };
  }

  /** The first delay. */
  next(): IBackoff<unknown> {
    return this.following(undefined);
  }

  private following(state: S | undefined): IBackoff<unknown> {
    const [duration, after] = this.options.generator(state, this.options);
    return { duration, next: () => this.following(after) };
  }
}
