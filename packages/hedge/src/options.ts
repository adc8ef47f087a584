import { commonOptions, knownOptions, optionalFunction } from '@holdfast/policy';

/** What {@link hedge} can be told. */
export interface HedgeOptions {
  /**
   * Whether a call may come in; asked at each call. Without it, every call may.
   *
   * @default undefined
   */
  readonly accepts?: (() => boolean) | undefined;
  /**
   * The name for errors, events and `describe()`.
   *
   * @default 'hedge'
   */
  readonly name?: string | undefined;
}

const names = ['accepts', 'name'];

/** Throws an error that names the first option that cannot be used. */
export function checkOptions(options: HedgeOptions): void {
  const { accepts } = knownOptions(options, names);
  optionalFunction('accepts', accepts);
  commonOptions(options);
}
