import { invalidOption } from '@holdfast/policy';
import { CallWindow } from '../call-window.ts';
import { parts, TimeWindow } from '../time-window.ts';
import type { TripCounter } from '../trip.ts';
import { ConsecutiveCounter } from '../trips/consecutive-failures.ts';

/** Counts that are to be put into a counter that has not counted anything. */
export interface SavedCounts {
  readonly counts: unknown;
  /** Where they stand, for errors. */
  readonly field: string;
  /** What the clock of the counter shows. */
  readonly now: number;
  /** How long ago they were taken. */
  readonly gapMs: number;
}

/** What a counter has counted, as plain data; undefined if it cannot tell. */
export function countsOf(counter: TripCounter, now: number): unknown {
  if (counter.save !== undefined) return counter.save(now);
  if (counter instanceof ConsecutiveCounter) return counter.failures;
  const window = windowOf(counter);
  if (window instanceof CallWindow) return bitsOf(window);
  return window instanceof TimeWindow ? partsOf(window, now) : undefined;
}

/**
 * Puts counts into a counter.
 *
 * @throws `TypeError` or `RangeError` naming the field that cannot be used.
 */
export function loadCounts(counter: TripCounter, saved: SavedCounts): void {
  const { counts, field, now, gapMs } = saved;
  if (counter.load !== undefined) {
    counter.load(counts, now, gapMs);
    return;
  }
  if (counter instanceof ConsecutiveCounter) counter.failures = wholeNumber(field, counts);
  const window = windowOf(counter);
  if (window instanceof CallWindow) loadBits(window, saved);
  else if (window instanceof TimeWindow) loadParts(window, saved);
}

function windowOf(counter: TripCounter): unknown {
  return (counter as { readonly window?: unknown }).window;
}

/** Returns `value` if it is an integer from 0 up, or throws an error that names the field. */
export function wholeNumber(field: string, value: unknown): number {
  return checked(field, 'an integer from 0 up', value, Number.isSafeInteger);
}

/** Returns `value` if it is a finite number from 0 up, or throws an error that names the field. */
export function duration(field: string, value: unknown): number {
  return checked(field, 'a finite number of milliseconds from 0 up', value, Number.isFinite);
}

function checked(
  field: string,
  expected: string,
  value: unknown,
  fits: (value: unknown) => boolean,
): number {
  if (fits(value) && (value as number) >= 0) return value as number;
  const kind = typeof value === 'number' ? RangeError : TypeError;
  throw invalidOption(field, expected, value, kind);
}

/** Returns `value` if it is an array, or throws an error that names the field. */
export function list(field: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw invalidOption(field, 'an array', value, TypeError);
}

/** The calls in view, the oldest first: 1 for a hit. */
function bitsOf(window: CallWindow): string {
  return Array.from({ length: window.calls }, (_, i) => (window.isHit(i) ? '1' : '0')).join('');
}

function loadBits(window: CallWindow, { counts, field }: SavedCounts): void {
  if (typeof counts !== 'string' || !/^[01]*$/.test(counts)) {
    throw invalidOption(field, 'a string of 0 and 1', counts, TypeError);
  }
  for (const bit of counts) window.add(bit === '1');
}

/** How long ago a part of a window began, its calls, and the hits among them. */
type Part = readonly [agoMs: number, calls: number, hits: number];

function partsOf(window: TimeWindow, now: number): readonly Part[] {
  const found: Part[] = [];
  window.expire(now);
  window.eachPart((startsAt, calls, hits) =>
    found.push([Math.max(0, now - startsAt), calls, hits]),
  );
  return found;
}

function loadParts(window: TimeWindow, { counts, field, now, gapMs }: SavedCounts): void {
  const oldestFirst = list(field, counts)
    .map((part, i) => readPart(`${field}[${i}]`, part))
    .toSorted(([a], [b]) => b - a);
  if (oldestFirst.length > parts) {
    throw invalidOption(field, `at most ${parts} parts`, oldestFirst.length, RangeError);
  }
  for (const [agoMs, calls, hits] of oldestFirst) window.addPart(now - gapMs - agoMs, calls, hits);
  window.expire(now);
}

function readPart(field: string, part: unknown): Part {
  const [agoMs, calls, hits] = list(field, part);
  const all = wholeNumber(`${field}[1]`, calls);
  const those = wholeNumber(`${field}[2]`, hits);
  if (those > all) throw invalidOption(`${field}[2]`, `at most ${all}`, those, RangeError);
  return [duration(`${field}[0]`, agoMs), all, those];
}
