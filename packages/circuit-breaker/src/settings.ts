import { invalidOption, type Outcome } from '@holdfast/policy';
import type { BreakDuration } from './break-duration.ts';
import { type CircuitMode, type CircuitConfigureOptions, flatOf } from './options.ts';
import type { ProbeRules } from './state.ts';
import type { Trip } from './trip.ts';
import { failureRatio } from './trips/failure-ratio.ts';

/** The break of a circuit that is told none. */
export const defaultBreakMs = 5_000;

type Predicate = (outcome: Outcome<unknown>) => boolean | 'ignore';

/** The options of a breaker with their defaults. Breakers that are told the same share them. */
class Settings implements ProbeRules {
  readonly trips: readonly Trip[];
  /** The trip is that of the flat options. */
  readonly isFlat: boolean;
  readonly isFailure: Predicate | undefined;
  readonly halfOpenAfterMs: number | BreakDuration;
  readonly halfOpenCalls: number;
  readonly halfOpenSuccesses: number;
  /** All of the probes have to succeed because nothing else was said. */
  readonly needsAllProbes: boolean;
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

  constructor(options: CircuitConfigureOptions<never>, former: Settings | undefined) {
    const { trip, isFailure, halfOpenAfterMs } = options;
    this.isFlat = trip === undefined && (flatOf(options) !== undefined || (former?.isFlat ?? true));
    this.trips = this.tripsOf(options, former);
    this.isFailure = (isFailure as Predicate | undefined) ?? former?.isFailure;
    this.halfOpenAfterMs =
      (halfOpenAfterMs as BreakDuration | number | undefined) ??
      former?.halfOpenAfterMs ??
      defaultBreakMs;
    this.halfOpenCalls = options.halfOpenCalls ?? former?.halfOpenCalls ?? 1;
    const successes = options.halfOpenSuccesses ?? formerSuccesses(former);
    this.needsAllProbes = successes === undefined;
    this.halfOpenSuccesses = successes ?? this.halfOpenCalls;
    this.probeTimeoutMs = options.probeTimeoutMs ?? former?.probeTimeoutMs ?? 30_000;
    this.mode = options.mode ?? former?.mode ?? 'enforce';
    this.timesCalls = this.trips.some((each) => each.needsTime === 'calls');
    this.timesFailures = this.trips.some((each) => each.needsTime !== 'never');
    this.slowCallMs = Math.min(...this.trips.map((each) => each.slowCallMs ?? Infinity));
    this.isPlain = this.mode !== 'disabled' && this.slowCallMs === Infinity;
    checkSuccesses(this.halfOpenSuccesses, this.halfOpenCalls);
  }

  private tripsOf(
    options: CircuitConfigureOptions<never>,
    former: Settings | undefined,
  ): readonly Trip[] {
    const { trip } = options;
    if (trip !== undefined) return Array.isArray(trip) ? [...(trip as Trip[])] : [trip as Trip];
    const flat = flatOf(options);
    if (former === undefined) return [failureRatio(flat)];
    if (flat === undefined) return former.trips;
    return [failureRatio({ ...(former.isFlat ? former.trips[0]?.options : {}), ...flat })];
  }

  /** What `describe()` tells. */
  described(): Readonly<Record<string, unknown>> {
    const { trips, halfOpenAfterMs, halfOpenCalls, halfOpenSuccesses, probeTimeoutMs, mode } = this;
    const trip = trips.map((each) => ({ trip: each.trip, ...each.options }));
    return {
      ...(this.isFlat ? trips[0]?.options : { trip }),
      ...(typeof halfOpenAfterMs === 'number' ? { halfOpenAfterMs } : {}),
      halfOpenCalls,
      halfOpenSuccesses,
      probeTimeoutMs,
      mode,
    };
  }
}

function areSameTrips(a: Settings, b: Settings): boolean {
  if (a.trips.length !== b.trips.length) return false;
  const [x, y] = [a.trips[0], b.trips[0]];
  if (!a.isFlat || !b.isFlat) return a.trips.every((trip, i) => trip === b.trips[i]);
  return Object.keys(x?.options ?? {}).every((name) => x?.options[name] === y?.options[name]);
}

function areSame(a: Settings, b: Settings): boolean {
  return (
    a.isFlat === b.isFlat &&
    a.isFailure === b.isFailure &&
    a.halfOpenAfterMs === b.halfOpenAfterMs &&
    a.halfOpenCalls === b.halfOpenCalls &&
    a.halfOpenSuccesses === b.halfOpenSuccesses &&
    a.needsAllProbes === b.needsAllProbes &&
    a.probeTimeoutMs === b.probeTimeoutMs &&
    a.mode === b.mode &&
    areSameTrips(a, b)
  );
}

let latest: WeakRef<Settings> | undefined;

/**
 * Makes settings, or returns the latest ones if they say the same: of many breakers that are made
 * alike, one per host or tenant, each costs only its state.
 */
export function settingsOf(options: CircuitConfigureOptions<never>, former?: Settings): Settings {
  const settings = new Settings(options, former);
  const shared = latest?.deref();
  if (shared !== undefined && areSame(shared, settings)) return shared;
  latest = new WeakRef(settings);
  return settings;
}

function formerSuccesses(former: Settings | undefined): number | undefined {
  return former === undefined || former.needsAllProbes ? undefined : former.halfOpenSuccesses;
}

function checkSuccesses(successes: number, calls: number): void {
  if (successes <= calls) return;
  const expected = `at most \`halfOpenCalls\` (${calls})`;
  throw invalidOption('halfOpenSuccesses', expected, successes, RangeError);
}

export type { Settings };
