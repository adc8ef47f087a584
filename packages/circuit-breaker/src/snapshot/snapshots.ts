import { invalidOption, knownOptions, milliseconds, optionalFunction } from '@holdfast/policy';
import type { CircuitBreaker } from '../circuit-breaker.ts';
import { CircuitExecutor } from '../circuit-executor.ts';
import { type Circuit, closed } from '../state.ts';
import { counterOf, partsOf, type TripCounter } from '../trip.ts';
import type { CircuitSnapshot, TripSnapshot } from './circuit-snapshot.ts';
import { processEpochMs } from './epoch.ts';
import { readSnapshot } from './read-snapshot.ts';
import { countsOf, loadCounts } from './trip-counts.ts';

/** What {@link takeSnapshot} can be told. */
export interface TakeSnapshotOptions {
  /**
   * Where the time of day comes from, in milliseconds since 1970. The clock of a breaker does not
   * know it, and means nothing to another process.
   *
   * @default performance.timeOrigin + performance.now()
   */
  readonly epochMs?: (() => number) | undefined;
}

/** What {@link restoreSnapshot} can be told. */
export interface RestoreSnapshotOptions extends TakeSnapshotOptions {
  /**
   * Up to which age a snapshot says anything about the present, in milliseconds. Of an older one only
   * a break that still goes on is restored: else the circuit is closed and has counted nothing.
   *
   * @default 600_000
   */
  readonly maxAgeMs?: number | undefined;
}

function internalsOf(breaker: unknown): CircuitExecutor<never> {
  if (breaker instanceof CircuitExecutor) return breaker as CircuitExecutor<never>;
  throw invalidOption('breaker', 'what circuitBreaker of this package made', breaker, TypeError);
}

function epochOf(options: TakeSnapshotOptions): number {
  const { epochMs = processEpochMs } = options;
  optionalFunction('epochMs', epochMs);
  return milliseconds('epochMs()', epochMs());
}

/**
 * Tells the state of a circuit breaker as plain data, to be kept over a restart: the state, for how
 * long it has been open and still will be, and what its trips have counted. Not part of it are the
 * totals of `metrics`, the calls in flight, isolations, and the failure that opened the circuit.
 *
 * @throws `TypeError` if `breaker` was not made by this package, or an option cannot be used.
 *
 * @example
 * ```ts
 * await writeFile('breaker.json', JSON.stringify(takeSnapshot(breaker)));
 * ```
 */
export function takeSnapshot(
  breaker: CircuitBreaker<never>,
  options: TakeSnapshotOptions = {},
): CircuitSnapshot {
  knownOptions(options, ['epochMs']);
  const { circuit, clock, counter, settings } = internalsOf(breaker);
  const now = clock.now();
  const isOpen = circuit.state === 'open';
  const counters = partsOf(counter);
  return {
    version: 1,
    takenAtMs: epochOf(options),
    state: circuit.state,
    openings: circuit.openings,
    openedAgoMs: isOpen ? now - circuit.openedAt : 0,
    remainingMs: isOpen ? Math.max(0, circuit.until - now) : 0,
    trips: settings.trips.flatMap(({ trip }, i) => {
      const counts = countsOf(counters[i] as TripCounter, now);
      return counts === undefined ? [] : [{ trip, counts }];
    }),
  };
}

/**
 * Puts a circuit breaker into the state of a snapshot. The time that has passed in between counts: an
 * open circuit stays open for what is left of its break, and counts of a window of time expire. If
 * the time of day has been set back meanwhile, no time has passed; so no break lasts for longer than
 * it was to.
 *
 * A half-open circuit, be it during a ramp, becomes an open one whose break is over: its probes went
 * with their process. A circuit that was isolated is closed, since nobody has the handle any more. A
 * breaker that is isolated by now stays so and takes over nothing. What is in flight does not count.
 *
 * Counts go to the trips of the same name, whatever their options are by now.
 *
 * @throws `TypeError` or `RangeError` naming the field or the option that cannot be used; then
 * nothing has changed.
 *
 * @example
 * ```ts
 * restoreSnapshot(breaker, JSON.parse(await readFile('breaker.json', 'utf8')));
 * ```
 */
export function restoreSnapshot(
  breaker: CircuitBreaker<never>,
  snapshot: unknown,
  options: RestoreSnapshotOptions = {},
): void {
  const { maxAgeMs = 600_000 } = knownOptions(options, ['epochMs', 'maxAgeMs']);
  milliseconds('maxAgeMs', maxAgeMs);
  const target = internalsOf(breaker);
  const saved = readSnapshot(snapshot);
  const gapMs = Math.max(0, epochOf(options) - saved.takenAtMs);
  const now = target.clock.now();
  const isFresh = gapMs <= maxAgeMs;
  const counter = restoredCounter(target, saved.trips, { now, gapMs });
  if (!isFresh || saved.state === 'isolated') counter.reset();
  if (target.circuit.state === 'isolated') return;
  target.counter = counter;
  const before = target.circuit;
  const remainingMs = saved.remainingMs - gapMs;
  const isBroken = saved.state === 'open' || saved.state === 'half-open';
  if (isBroken && (isFresh || remainingMs > 0)) reopen(target, saved, now - gapMs);
  else {
    target.become(closed(before));
    if (before.state !== 'closed') target.tellChange('closed', { reason: 'restored' });
  }
}

function reopen(target: CircuitExecutor<never>, saved: CircuitSnapshot, takenAt: number): void {
  const { circuit, clock } = target;
  const next: Circuit = {
    ...closed(circuit),
    state: 'open',
    openings: Math.max(1, saved.openings),
    openedAt: takenAt - saved.openedAgoMs,
    until: takenAt + saved.remainingMs,
  };
  target.become(next);
  const openForMs = Math.max(0, next.until - clock.now());
  const { openings } = next;
  const { trips } = target.metrics;
  target.tellChange('opened', {
    reason: 'restored',
    outcome: undefined,
    openForMs,
    openings,
    trips,
  });
}

/** When a snapshot is restored, and how long after it was taken. */
interface Moment {
  readonly now: number;
  readonly gapMs: number;
}

/** Makes a counter from what the trips had counted. */
function restoredCounter(
  { settings: { trips } }: CircuitExecutor<never>,
  saved: readonly TripSnapshot[],
  { now, gapMs }: Moment,
): TripCounter {
  const counter = counterOf(trips);
  const counters = partsOf(counter);
  const places = trips.map((each, place) => ({ trip: each.trip, place }));
  for (const [i, { trip, counts }] of saved.entries()) {
    const at = places.findIndex((each) => each.trip === trip);
    const [found] = at === -1 ? [] : places.splice(at, 1);
    if (found === undefined) continue;
    const field = `snapshot.trips[${i}].counts`;
    loadCounts(counters[found.place] as TripCounter, { counts, field, now, gapMs });
  }
  return counter;
}
