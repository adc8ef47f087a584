import type { AcceptsOf, AlternativeOf, EventSource, Policy } from '@holdfast/policy';
import { ChaosPolicy } from './chaos-policy.ts';
import type { ChaosEvents } from './events.ts';
import type { EachOf, Injections } from './injection.ts';
import { checkOptions, type ChaosOptions } from './options.ts';
import { refuseProduction } from './production-guard.ts';

/** A policy that injects trouble; made by {@link chaos}. */
export interface Chaos<out Alternative = never, in Accepts = unknown>
  extends Policy<Alternative, Accepts, ChaosEvents>,
    EventSource<ChaosEvents> {
  /** The seed that its random numbers come from; undefined with a `random` of your own. */
  readonly seed: number | undefined;
  /** How many calls it has struck. */
  readonly injected: number;
  /** How many struck calls have injections under way. */
  readonly active: number;
  /** Whether it may strike, as far as it is concerned: {@link chaosSwitch} has a word in it too. */
  readonly isEnabled: boolean;
  /** Lets it strike again. */
  enable(): void;
  /** Strikes no call any more, and lets those in a latency or a hang go on at once. */
  disable(): void;
}

/**
 * Injects trouble into some calls, to prove that what stands around them bears it: faults, results,
 * latency, hangs, aborts. Put it innermost, next to the operation that it stands for.
 *
 * It does not start while `NODE_ENV` is `'production'`, unless `allowProduction` says so. The caller's
 * abort ends every wait of it at once, and rejects with the caller's own reason.
 *
 * @throws `ChaosInProductionError` in production; `TypeError` or `RangeError` naming the option that
 * cannot be used.
 *
 * @example
 * ```ts
 * const policy = compose(
 *   timeout({ afterMs: 500 }),
 *   chaos({ inject: [latency({ minMs: 100, maxMs: 900 }), fault()], when: rate(0.05), seed: 7 }),
 * );
 * ```
 */
export function chaos<const I extends Injections>(
  options: ChaosOptions<I>,
): Chaos<AlternativeOf<EachOf<I>>, AcceptsOf<EachOf<I>>> {
  checkOptions(options);
  refuseProduction(options);
  return new ChaosPolicy(options) as Chaos<unknown, never> as Chaos<
    AlternativeOf<EachOf<I>>,
    AcceptsOf<EachOf<I>>
  >;
}
