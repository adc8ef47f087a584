import { knownOptions, positiveMilliseconds, ratio } from '@holdfast/policy';
import type { CircuitBreaker } from '../circuit-breaker.ts';
import type { CircuitExtra } from '../extra.ts';
import type { CircuitBreakerOptions } from '../options.ts';
import { ExtendedBreaker } from './extended-breaker.ts';
import { RampProgress } from './ramp-progress.ts';

/** What {@link ramp} can be told. */
export interface RampOptions {
  /**
   * How long it takes until all calls go through again, in milliseconds.
   *
   * @default 30_000
   */
  readonly durationMs?: number | undefined;
  /**
   * The share of the calls that goes through at first, above 0 and up to 1.
   *
   * @default 0.1 (as in the slow start of Envoy)
   */
  readonly initialShare?: number | undefined;
}

export class Ramp implements CircuitExtra<'ramp'> {
  readonly extra = 'ramp';
  readonly options: Readonly<Record<keyof RampOptions, number>>;

  constructor(options: Readonly<Record<keyof RampOptions, number>>) {
    this.options = options;
  }

  begin(epoch: number, now: number): RampProgress {
    return new RampProgress(epoch, now, this.options.durationMs, this.options.initialShare);
  }

  makeBreaker<R>(options: CircuitBreakerOptions<R>): CircuitBreaker<R> {
    return new ExtendedBreaker(options);
  }
}

/**
 * After the probes have succeeded, lets in a share of the calls that grows steadily, and rejects the
 * others with a {@link CircuitOpenError}: what has just recovered may not bear all of them at once.
 * Until the ramp is over the state is `'half-open'`; the trips count as in a closed circuit, and open
 * it again when they say so.
 *
 * The calls are paced, not drawn by lot: at a share of 0.1, every tenth goes through. The first one
 * does in any case, so that a service with few calls does not wait. No timer runs: the ramp ends with
 * the first call after its time.
 *
 * The growth is that of the slow start mode of Envoy, with an aggression of 1.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const breaker = circuitBreaker({ ramp: ramp({ durationMs: 60_000, initialShare: 0.05 }) });
 * ```
 */
export function ramp(options: RampOptions = {}): CircuitExtra<'ramp'> {
  const { durationMs = 30_000, initialShare = 0.1 } = knownOptions(options, [
    'durationMs',
    'initialShare',
  ]);
  positiveMilliseconds('durationMs', durationMs);
  ratio('initialShare', initialShare);
  return new Ramp({ durationMs, initialShare });
}
