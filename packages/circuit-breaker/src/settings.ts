import { invalidOption, type Outcome } from '@holdfast/policy';
import type { BreakDuration } from './break-duration.ts';
import { type CircuitConfigureOptions, type CircuitMode, settingNames } from './options.ts';
import type { ProbeRules } from './state.ts';
import type { Trip } from './trip.ts';
import { flatNames, ratioTrip } from './trips/failure-ratio.ts';

/** The break of a circuit that is told none. */
export const defaultBreakMs = 5_000;

type Predicate = (outcome: Outcome<unknown>) => boolean | 'ignore';
type Given = Readonly<Record<string, unknown>> & CircuitConfigureOptions;

/** The options of a breaker with their defaults. Breakers that are told the same share them. */
export interface Settings extends ProbeRules {
  /** What has been given, now or before; `trip` as a list. */
  readonly given: Given;
  readonly trips: readonly Trip[];
  readonly isFailure: Predicate | undefined;
  readonly halfOpenAfterMs: number | BreakDuration;
  readonly probeTimeoutMs: number;
  readonly mode: CircuitMode;
  /** Some counter needs the time of failures. */
  readonly timesFailures: boolean;
  /** Some counter needs the time of successes, too. */
  readonly timesCalls: boolean;
  /** From which duration on a call is slow to some trip. */
  readonly slowCallMs: number;
  /** A closed circuit lets calls in without ado. */
  readonly isPlain: boolean;
}

function made(given: Given, former: Settings | undefined): Settings {
  const { isFailure, halfOpenAfterMs = defaultBreakMs, mode = 'enforce' } = given;
  const { halfOpenCalls = 1, halfOpenSuccesses = halfOpenCalls, probeTimeoutMs = 30_000 } = given;
  if (halfOpenSuccesses > halfOpenCalls) {
    const expected = `at most \`halfOpenCalls\` (${halfOpenCalls})`;
    throw invalidOption('halfOpenSuccesses', expected, halfOpenSuccesses, RangeError);
  }
  const isSame = former !== undefined && areSame(given, former.given, tripNames);
  const trips = isSame ? former.trips : tripsOf(given);
  const slowCallMs = Math.min(...trips.map((each) => each.slowCallMs ?? Infinity));
  return {
    given,
    trips,
    isFailure,
    halfOpenAfterMs,
    halfOpenCalls,
    halfOpenSuccesses,
    probeTimeoutMs,
    mode,
    timesCalls: trips.some(({ needsTime }) => needsTime === 'calls'),
    timesFailures: trips.some(({ needsTime }) => needsTime !== 'never'),
    slowCallMs,
    isPlain: mode !== 'disabled' && slowCallMs === Infinity,
  };
}

/** What `describe()` tells. */
export function described(settings: Settings): Readonly<Record<string, unknown>> {
  const { given, trips, halfOpenAfterMs, halfOpenCalls } = settings;
  const { halfOpenSuccesses, probeTimeoutMs, mode } = settings;
  return {
    ...(given.trip === undefined
      ? trips[0]?.options
      : { trip: trips.map(({ trip, options }) => ({ trip, ...options })) }),
    ...(typeof halfOpenAfterMs === 'number' ? { halfOpenAfterMs } : {}),
    halfOpenCalls,
    halfOpenSuccesses,
    probeTimeoutMs,
    mode,
  };
}

const tripNames: readonly string[] = [...flatNames, 'trip'];

function tripsOf(given: Given): readonly Trip[] {
  return given.trip === undefined ? [ratioTrip(given)] : (given.trip as readonly Trip[]);
}

function isEqual(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return a.length === b.length && a.every((each, i) => each === b[i]);
}

function areSame(a: Given, b: Given, names: readonly string[]): boolean {
  return names.every((name) => isEqual(a[name], b[name]));
}

/** What is given now, and of what was given before that for which it is no substitute. */
function merged(options: Readonly<Record<string, unknown>>, former: Given | undefined): Given {
  const given: Record<string, unknown> = {};
  const substitutes = tripNames.some((name) => options[name] !== undefined);
  const { trip } = options;
  for (const name of settingNames) {
    const isSubstituted =
      name === 'trip' ? substitutes : trip !== undefined && tripNames.includes(name);
    given[name] = options[name] ?? (isSubstituted ? undefined : former?.[name]);
  }
  // A list of our own: theirs may change.
  if (trip !== undefined) given['trip'] = [trip].flat();
  return given;
}

let latest: WeakRef<Settings> | undefined;

/**
 * Makes settings, or returns the latest ones if they say the same: of many breakers that are made
 * alike, one per host or tenant, each costs only its state.
 */
export function settingsOf(
  options: CircuitConfigureOptions<never>,
  former?: Settings,
  keeps: boolean = true,
): Settings {
  const given = merged({ ...options }, keeps ? former?.given : undefined);
  const shared = latest?.deref();
  if (shared !== undefined && areSame(given, shared.given, settingNames)) return shared;
  const settings = made(given, former);
  latest = new WeakRef(settings);
  return settings;
}
