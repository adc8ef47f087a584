import type { LayerData, LayerKind } from './layer-kind.ts';

/** A layer as the configuration wants it, with all that it inherits. */
export interface ResolvedLayer {
  /** By which a change finds it again: its name, or its type and its number among its type. */
  readonly id: string;
  readonly kind: LayerKind;
  /** Its options, with those of the template and the defaults; without `name` and `extends`. */
  readonly data: LayerData;
  /** The name of the policy. */
  readonly name: string;
  readonly path: readonly (string | number)[];
  /** The layers of the policy of a key, in a keyed one. */
  readonly inside: readonly ResolvedLayer[];
}

/** What stands in a pipeline: a layer of its own, or a shared one by its name. */
export type PipelineEntry = ResolvedLayer | { readonly shared: string };

export function isShared(entry: PipelineEntry): entry is { readonly shared: string } {
  return 'shared' in entry;
}
