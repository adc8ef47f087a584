/** How far a trip is, for metrics and events. */
export interface TripReading {
  /** Which trip this is, such as `'failureRatio'`. */
  readonly trip: string;
  /** The calls that it has in view. */
  readonly calls: number;
  /** Those among them that count against the circuit: failures, or slow calls. */
  readonly hits: number;
  /** What it compares: a number of hits, or their ratio. */
  readonly value: number;
  /** It opens the circuit when `value` reaches this. */
  readonly limit: number;
}

/**
 * What a {@link Trip} counts for one breaker. It hears only of calls that a closed circuit admitted
 * and that were not ignored, and knows nothing of states.
 */
export interface TripCounter {
  /** A call succeeded after `durationMs`. Returns whether to open the circuit. */
  success(now: number, durationMs: number): boolean;
  /** A call failed after `durationMs`. Returns whether to open the circuit. */
  failure(now: number, durationMs: number): boolean;
  /** The circuit has closed: all that was counted is forgotten. */
  reset(): void;
  /** Tells how far it is. */
  reading(now: number): TripReading;
  /** Tells what it has counted, as data for JSON; without it a snapshot has nothing of this trip. */
  save?(now: number): unknown;
  /**
   * Takes over what `save` told, `gapMs` milliseconds after that; it has not counted anything before.
   * It should throw if it cannot understand it.
   */
  load?(saved: unknown, now: number, gapMs: number): void;
}

/**
 * Decides when to open a circuit. It is a description without state, so that several breakers may be
 * made from one. Ready-made: {@link consecutiveFailures}, {@link countWindow}, {@link failureRatio},
 * {@link failuresWithin} and {@link slowCalls}.
 */
export interface Trip {
  /** Which trip this is, such as `'failureRatio'`. */
  readonly trip: string;
  /** Its options, defaults included, for `describe()`. */
  readonly options: Readonly<Record<string, unknown>>;
  /** For which calls its counter needs the time; it gets 0 where it needs none. */
  readonly needsTime: 'never' | 'failures' | 'calls';
  /** From which duration on a call is slow, in milliseconds; undefined when it does not matter. */
  readonly slowCallMs?: number | undefined;
  /**
   * Makes the counter of one breaker. When a breaker is reconfigured, `former` is the counter of the
   * trip of the same name that this one replaces: take its counts over.
   */
  counter(former?: TripCounter): TripCounter;
}

const latest: Map<string, WeakRef<Trip>> = /* @__PURE__ */ new Map();

/**
 * Returns the latest trip of the same name if it has the same options, since a trip has no state: of
 * many breakers that are made alike, each costs only its counter. For the trips of this package.
 */
export function sharedTrip(trip: Trip): Trip {
  const former = latest.get(trip.trip)?.deref();
  const { options } = trip;
  if (
    former !== undefined &&
    Object.keys(options).every((key) => options[key] === former.options[key])
  ) {
    return former;
  }
  latest.set(trip.trip, new WeakRef(trip));
  return trip;
}

/** Several counters as one: any of them opens the circuit. */
class AnyCounter implements TripCounter {
  readonly parts: readonly TripCounter[];

  constructor(parts: readonly TripCounter[]) {
    this.parts = parts;
  }

  success(now: number, durationMs: number): boolean {
    let trips = false;
    for (const part of this.parts) if (part.success(now, durationMs)) trips = true;
    return trips;
  }

  failure(now: number, durationMs: number): boolean {
    let trips = false;
    for (const part of this.parts) if (part.failure(now, durationMs)) trips = true;
    return trips;
  }

  reset(): void {
    for (const part of this.parts) part.reset();
  }

  reading(now: number): TripReading {
    return (this.parts[0] as TripCounter).reading(now);
  }
}

/** The counters of the single trips. */
export function partsOf(counter: TripCounter): readonly TripCounter[] {
  return counter instanceof AnyCounter ? counter.parts : [counter];
}

/** Tells how far each of the trips is. */
export function readings(counter: TripCounter, now: number): readonly TripReading[] {
  return partsOf(counter).map((part) => part.reading(now));
}

/** What a breaker counted before it was reconfigured. */
export interface FormerCounts {
  readonly trips: readonly Trip[];
  readonly counter: TripCounter;
}

/** Makes one counter for all of the trips; each takes over from the former trip of its name. */
export function counterOf(trips: readonly Trip[], former?: FormerCounts): TripCounter {
  const before = former === undefined ? [] : partsOf(former.counter);
  const parts = trips.map((trip, i) => {
    const isSame = (other: Trip | undefined): boolean => other?.trip === trip.trip;
    const at = isSame(former?.trips[i]) ? i : (former?.trips.findIndex(isSame) ?? -1);
    return trip.counter(before[at]);
  });
  return parts.length === 1 ? (parts[0] as TripCounter) : new AnyCounter(parts);
}
