import { invalidOption } from '@holdfast/policy';
import type { Options } from './options.ts';

/** The options, checked, with the defaults filled in. */
export interface Settings {
  readonly retries: number;
  readonly factor: number;
  readonly minTimeout: number;
  readonly maxTimeout: number;
  readonly maxRetryTime: number;
  readonly randomize: boolean;
  readonly unref: boolean;
  readonly signal: AbortSignal | undefined;
  readonly onFailedAttempt: NonNullable<Options['onFailedAttempt']>;
  readonly shouldRetry: NonNullable<Options['shouldRetry']>;
  readonly shouldConsumeRetry: NonNullable<Options['shouldConsumeRetry']>;
}

const yes = (): true => true;
const nothing = (): void => undefined;

/** @throws `TypeError` naming the option that cannot be used; an `Error` about `forever`. */
export function settingsOf(options: Options): Settings {
  const given = { ...options };
  const retries = checkedRetries(given.retries ?? 10);
  if (Object.hasOwn(given, 'forever')) {
    throw new Error('The option `forever` is gone: use `retries: Infinity`.');
  }
  return {
    retries,
    ...callbacksOf(given),
    randomize: ofType('randomize', given.randomize ?? false, 'boolean'),
    unref: ofType('unref', given.unref ?? false, 'boolean'),
    signal: checkedSignal(given.signal ?? undefined),
    // With a factor of 0 the delay stays as it is.
    factor: finite('factor', given.factor ?? 2) || 1,
    minTimeout: finite('minTimeout', given.minTimeout ?? 1_000),
    maxTimeout: limit('maxTimeout', given.maxTimeout ?? Infinity),
    maxRetryTime: limit('maxRetryTime', given.maxRetryTime ?? Infinity),
  };
}

function callbacksOf(
  given: Options,
): Pick<Settings, 'onFailedAttempt' | 'shouldRetry' | 'shouldConsumeRetry'> {
  return {
    onFailedAttempt: ofType('onFailedAttempt', given.onFailedAttempt ?? nothing, 'function'),
    shouldRetry: ofType('shouldRetry', given.shouldRetry ?? yes, 'function'),
    shouldConsumeRetry: ofType('shouldConsumeRetry', given.shouldConsumeRetry ?? yes, 'function'),
  };
}

/** Any misuse is a `TypeError`, as in p-retry, and not a `RangeError` as elsewhere in Holdfast. */
function checked<T>(name: string, value: T, expected: string, fits: boolean): T {
  if (fits) return value;
  throw invalidOption(name, expected, value, TypeError);
}

function ofType<T>(name: string, value: T, type: 'boolean' | 'function'): T {
  return checked(name, value, `a ${type}`, typeof value === type);
}

function checkedRetries(value: number): number {
  const fits = value === Infinity || (Number.isInteger(value) && value >= 0);
  return checked('retries', value, 'an integer from 0 up, or Infinity', fits);
}

function finite(name: string, value: number): number {
  return checked(name, value, 'a finite number from 0 up', Number.isFinite(value) && value >= 0);
}

function limit(name: string, value: number): number {
  const fits = typeof value === 'number' && value >= 0;
  return checked(name, value, 'a number from 0 up, or Infinity', fits);
}

const signalMethods = ['throwIfAborted', 'addEventListener', 'removeEventListener'] as const;

/** A signal of another realm is no instance of our `AbortSignal`. */
function checkedSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  const fits =
    signal === undefined || signalMethods.every((method) => typeof signal[method] === 'function');
  return checked('signal', signal, 'an AbortSignal', fits);
}
