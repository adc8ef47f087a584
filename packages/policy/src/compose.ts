import type { EventSource } from './events.ts';
import type { Layer } from './layer.ts';
import { LayerStack } from './layered-policy.ts';
import type { AcceptsOf, AlternativeOf, EventsOf, Policy } from './policy.ts';

/** Several policies as one, made by {@link compose}. It has the events of all its layers. */
export interface Pipeline<out Alternative = never, in Accepts = unknown, out Events = unknown>
  extends Policy<Alternative, Accepts, Events>,
    EventSource<Events> {
  /** The same pipeline under a name of its own, which `describe()` tells. */
  named(name: string): Pipeline<Alternative, Accepts, Events>;
}

/** Any policy, whatever its types. */
export type AnyPolicy = Policy<unknown, never>;

function layersOf(policy: AnyPolicy, index: number): readonly Layer[] {
  if (Array.isArray(policy?.layers)) return policy.layers;
  throw new TypeError(
    `Expected every argument of compose to be a policy; argument ${index + 1} is not (definePolicy makes one of a function).`,
  );
}

/**
 * Makes one policy of several, the outermost first: a call enters them from left to right, and its
 * answer comes out from right to left. A pipeline among them counts as its layers, and a policy that
 * stands in two pipelines shares its state between them. With no argument at all it does nothing.
 *
 * @throws `TypeError` when an argument is not a policy.
 *
 * @example
 * ```ts
 * const inventory = compose(timeout({ afterMs: 2_000 }), retry(), circuitBreaker());
 *
 * const stock = await inventory.execute(({ signal }) => readStock('sku-1', { signal }));
 * ```
 */
export function compose<const P extends readonly AnyPolicy[]>(
  ...policies: P
): Pipeline<AlternativeOf<P[number]>, AcceptsOf<P[number]>, EventsOf<P[number]>> {
  const layers = policies.flatMap(layersOf);
  const name = policies.map((policy) => policy.name).join(' > ') || 'noop';
  return new LayerStack(name, layers) as Pipeline<
    AlternativeOf<P[number]>,
    AcceptsOf<P[number]>,
    EventsOf<P[number]>
  >;
}
