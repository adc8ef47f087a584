import { type AnyPolicy, lint } from '@holdfast/policy';
import { pathOf } from '../check/problem.ts';
import type { ResolvedConfig } from '../check/resolve.ts';
import type { ConfigFinding } from '../events.ts';
import { isShared, type ResolvedLayer } from '../layers/resolved-layer.ts';
import { sampleOf } from './keyed.ts';
import type { PreparedPipeline } from './live-config.ts';
import type { PreparedChange } from './pipeline.ts';

/** A policy and what is inside it, as `lint` looks at them, and where each is in the configuration. */
interface Looked {
  readonly policy: AnyPolicy;
  readonly path: string;
}

function lookedAt(policy: AnyPolicy, layer: ResolvedLayer): readonly Looked[] {
  const inside = sampleOf(policy) ?? [];
  return [
    { policy, path: pathOf(layer.path) },
    ...inside.flatMap((each, i) => lookedAt(each, layer.inside[i] as ResolvedLayer)),
  ];
}

/** What `lint` finds in the pipelines as they are to be. */
export function findingsIn(
  pipelines: readonly PreparedPipeline[],
  shared: PreparedChange,
  resolved: ResolvedConfig,
): readonly ConfigFinding[] {
  return pipelines.flatMap(({ name, entries, change }) => {
    const looked = entries.flatMap((entry) => {
      const [id, trials] = isShared(entry)
        ? [entry.shared, shared.trials]
        : [entry.id, change.trials];
      const layer = isShared(entry)
        ? (resolved.shared.find((each) => each.id === id) as ResolvedLayer)
        : entry;
      return lookedAt(trials.get(id) as AnyPolicy, layer);
    });
    const layers = looked.flatMap(({ policy }) => policy.layers);
    return lint({ layers } as unknown as AnyPolicy).map(
      ({ layers: [outer, inner], ...finding }) => ({
        policy: name,
        ...finding,
        paths: [looked[outer]?.path ?? '', looked[inner]?.path ?? ''] as const,
      }),
    );
  });
}
