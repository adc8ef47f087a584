import {
  invalidOption,
  milliseconds,
  positiveInteger,
  positiveMilliseconds,
} from '@holdfast/policy';
import type { CacheTransport, Options } from './options.ts';

const mostEntries = 2 ** 24 - 1;

/** The options of a breaker with their defaults. The object that was given is left alone. */
export type ResolvedOptions = Readonly<
  Options & {
    /** 0 for none. */
    timeout: number;
    resetTimeout: number;
    rollingCountTimeout: number;
    rollingCountBuckets: number;
    rollingPercentilesEnabled: boolean;
    enableSnapshots: boolean;
    capacity: number;
    errorThresholdPercentage: number;
    volumeThreshold: number;
    cacheTTL: number;
    cacheSize: number;
    cacheGetKey: (...args: unknown[]) => string;
    coalesceTTL: number;
    coalesceSize: number;
    coalesceResetOn: readonly string[];
  }
>;

function checked(
  [name, expected]: readonly [name: string, expected: string],
  value: unknown,
  fits: (value: number) => boolean,
): number {
  if (typeof value !== 'number') throw invalidOption(name, expected, value, TypeError);
  if (!fits(value)) throw invalidOption(name, expected, value, RangeError);
  return value;
}

/** Checks a window: more than 0 ms. */
export function positiveMs(name: string, value: number): number {
  return positiveMilliseconds(name, value);
}

/** Checks a number of slices. */
export function positiveWhole(name: string, value: number): number {
  return positiveInteger(name, value);
}

function whole(name: string, value: number): number {
  return checked([name, 'an integer from 0 up'], value, (n) => Number.isSafeInteger(n) && n >= 0);
}

function timeoutOf(timeout: number | false): number {
  if (timeout === false) return 0;
  const expected = 'a number of milliseconds from 0 up, or false';
  const value = checked(['timeout', expected], timeout, (n) => n >= 0);
  return value === Infinity ? 0 : value;
}

function checkTransport(transport: CacheTransport | undefined): void {
  if (transport === undefined) return;
  const has = (name: keyof CacheTransport): boolean => typeof transport?.[name] === 'function';
  if (has('get') && has('set') && has('flush')) return;
  const expected = 'an object with the methods get, set and flush';
  throw invalidOption('cacheTransport', expected, transport, TypeError);
}

function checkController({ abortController }: Options<never>): void {
  if (abortController === undefined || typeof abortController?.abort === 'function') return;
  const expected = 'an AbortController, with a method abort()';
  throw invalidOption('abortController', expected, abortController, TypeError);
}

/** Fills in the defaults. Throws an error that names the first option that cannot be used. */
export function resolveOptions<TI extends unknown[]>(options: Options<TI>): ResolvedOptions {
  if (options.cache) checkTransport(options.cacheTransport);
  checkController(options);
  const timeout = timeoutOf(options.timeout ?? 10_000);
  const getKey = (options.cacheGetKey ??
    ((...args) => JSON.stringify(args))) as Options['cacheGetKey'];
  return Object.freeze({
    ...(options as Options),
    timeout,
    resetTimeout: milliseconds('resetTimeout', options.resetTimeout ?? 30_000),
    rollingCountTimeout: positiveMs('rollingCountTimeout', options.rollingCountTimeout ?? 10_000),
    rollingCountBuckets: positiveWhole('rollingCountBuckets', options.rollingCountBuckets ?? 10),
    rollingPercentilesEnabled: options.rollingPercentilesEnabled !== false,
    enableSnapshots: options.enableSnapshots !== false,
    capacity: whole('capacity', options.capacity ?? Number.MAX_SAFE_INTEGER),
    errorThresholdPercentage: checked(
      ['errorThresholdPercentage', 'a number from 0 up'],
      options.errorThresholdPercentage ?? 50,
      (n) => n >= 0,
    ),
    volumeThreshold: whole('volumeThreshold', options.volumeThreshold ?? 0),
    cacheTTL: milliseconds('cacheTTL', options.cacheTTL ?? 0),
    cacheSize: whole('cacheSize', options.cacheSize ?? mostEntries),
    cacheGetKey: getKey as ResolvedOptions['cacheGetKey'],
    coalesceTTL: milliseconds('coalesceTTL', options.coalesceTTL ?? timeout),
    coalesceSize: whole('coalesceSize', options.coalesceSize ?? mostEntries),
    coalesceResetOn: options.coalesceResetOn ?? [],
  });
}
