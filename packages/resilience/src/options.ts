import { commonOptions, knownOptions, optionalFunction } from '@holdfast/policy';

/** What {@link resilience} can be told. */
export interface ResilienceOptions {
  /**
   * Whether a call may come in; asked at each call. Without it, every call may.
   *
   * @default undefined
   */
  readonly accepts?: (() => boolean) | undefined;
  /**
   * The name for errors, events and `describe()`.
   *
   * @default 'resilience'
   */
  readonly name?: string | undefined;
}

const names = ['accepts', 'name'];

/** Throws an error that names the first option that cannot be used. */
export function checkOptions(options: ResilienceOptions): void {
  const { accepts } = knownOptions(options, names);
  optionalFunction('accepts', accepts);
  commonOptions(options);
}
