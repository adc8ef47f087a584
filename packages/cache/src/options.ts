import { commonOptions, knownOptions, optionalFunction } from '@holdfast/policy';

/** What {@link cache} can be told. */
export interface CacheOptions {
  /**
   * Whether a call may come in; asked at each call. Without it, every call may.
   *
   * @default undefined
   */
  readonly accepts?: (() => boolean) | undefined;
  /**
   * The name for errors, events and `describe()`.
   *
   * @default 'cache'
   */
  readonly name?: string | undefined;
}

const names = ['accepts', 'name'];

/** Throws an error that names the first option that cannot be used. */
export function checkOptions(options: CacheOptions): void {
  const { accepts } = knownOptions(options, names);
  optionalFunction('accepts', accepts);
  commonOptions(options);
}
