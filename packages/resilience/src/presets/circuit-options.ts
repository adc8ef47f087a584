import type { CircuitBreakerOptions, FailureRatioOptions } from '@holdfast/circuit-breaker';

/** The options of a circuit breaker that a preset has, apart from those that say when it opens. */
interface CircuitDefaults<R> extends Omit<CircuitBreakerOptions<R>, 'trip'> {
  readonly trip: FailureRatioOptions | Pick<CircuitBreakerOptions, 'trip'>;
}

/** What says when a circuit opens: a trip, or the flat options in its place. */
const tripNames = ['trip', 'failureRatio', 'windowMs', 'minimumCalls'] as const;

/**
 * The options of a preset with those that somebody gives instead. A trip stands against the flat
 * options, so that whoever gives the one does not get the others by default.
 */
export function circuitOptions<R>(
  given: CircuitBreakerOptions<R> | undefined,
  { trip, ...others }: CircuitDefaults<R>,
): CircuitBreakerOptions<R> {
  const isFlat = !('trip' in trip);
  const clashes = tripNames.some(
    (name) => given?.[name] !== undefined && (name === 'trip') === isFlat,
  );
  return { ...others, ...(clashes ? {} : trip), ...given };
}
