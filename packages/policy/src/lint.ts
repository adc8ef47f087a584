import type { AnyPolicy } from './compose.ts';
import type { KeyedPolicy } from './keyed/keyed-policy.ts';
import type { Layer } from './layer.ts';
import { lintRules, type LintSeverity } from './lint-rules.ts';

export type { LintSeverity } from './lint-rules.ts';

/** An order of layers that defeats itself; see {@link lint}. */
export interface LintFinding {
  /** The rule, such as `'inner-timeout-not-shorter'`. */
  readonly rule: string;
  /** How bad it is. */
  readonly severity: LintSeverity;
  /** What is wrong, why, and what to do. */
  readonly message: string;
  /**
   * The positions of the two layers, the outer one first. What stands inside a keyed policy has the
   * position of that one.
   */
  readonly layers: readonly [outer: number, inner: number];
}

interface Place {
  readonly layer: Layer;
  readonly position: number;
}

/** The layers, each that puts others inside itself (such as a keyed one) followed by some of those. */
function placesOf(layers: readonly Layer[], position?: number): Place[] {
  return layers.flatMap((layer, index) => {
    const place = { layer, position: position ?? index };
    const inside = (layer as Partial<KeyedPolicy>).sample?.()?.layers ?? [];
    return [place, ...placesOf(inside, place.position)];
  });
}

/**
 * Looks for orders of layers that defeat themselves. Into a keyed policy it looks as soon as that
 * knows a key, since the policy of a key is made when it is first needed.
 *
 * @throws `TypeError` when it gets something else than a policy.
 *
 * @example
 * ```ts
 * const pipeline = compose(timeout({ afterMs: 1_000 }), retry(), timeout({ afterMs: 5_000 }));
 *
 * for (const finding of lint(pipeline)) console.warn(`${finding.severity}: ${finding.message}`);
 * ```
 */
export function lint(policy: AnyPolicy): readonly LintFinding[] {
  if (!Array.isArray(policy?.layers)) throw new TypeError('Expected lint to get a policy.');
  const places = placesOf(policy.layers);
  return places.flatMap((outer, index) =>
    places.slice(index + 1).flatMap((inner) => findings(outer, inner)),
  );
}

function findings(outer: Place, inner: Place): LintFinding[] {
  return lintRules
    .filter(({ applies }) => applies(outer.layer, inner.layer))
    .map(({ rule, severity, message }) => ({
      rule,
      severity,
      message: message(outer.layer, inner.layer),
      layers: [outer.position, inner.position],
    }));
}
