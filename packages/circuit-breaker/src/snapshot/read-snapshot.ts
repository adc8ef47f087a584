import { invalidOption, oneOf } from '@holdfast/policy';
import type { CircuitSnapshot, TripSnapshot } from './circuit-snapshot.ts';
import { duration, list, wholeNumber } from './trip-counts.ts';

/**
 * Reads a snapshot that may come from anywhere, from a file say.
 *
 * @throws `TypeError` or `RangeError` naming the field that cannot be used.
 */
export function readSnapshot(data: unknown): CircuitSnapshot {
  const { version, takenAtMs, state, openings, openedAgoMs, remainingMs, trips } = fieldsOf(
    'snapshot',
    data,
  );
  if (version !== 1) throw invalidOption('snapshot.version', '1', version, RangeError);
  const states = ['closed', 'open', 'half-open', 'isolated'] as const;
  return {
    version,
    takenAtMs: duration('snapshot.takenAtMs', takenAtMs),
    state: oneOf('snapshot.state', state as CircuitSnapshot['state'], states),
    openings: wholeNumber('snapshot.openings', openings),
    openedAgoMs: duration('snapshot.openedAgoMs', openedAgoMs),
    remainingMs: duration('snapshot.remainingMs', remainingMs),
    trips: readTrips(trips),
  };
}

function readTrips(trips: unknown): readonly TripSnapshot[] {
  return list('snapshot.trips', trips).map((each, i) => {
    const { trip, counts } = fieldsOf(`snapshot.trips[${i}]`, each);
    if (typeof trip === 'string') return { trip, counts };
    throw invalidOption(`snapshot.trips[${i}].trip`, 'a string', trip, TypeError);
  });
}

function fieldsOf(field: string, data: unknown): Readonly<Record<string, unknown>> {
  if (typeof data === 'object' && data !== null && !Array.isArray(data)) {
    return data as Readonly<Record<string, unknown>>;
  }
  throw invalidOption(field, 'an object', data, TypeError);
}
