import type { PolicyChange } from '../events.ts';
import { isShared, type PipelineEntry } from '../layers/resolved-layer.ts';
import type { PreparedPipeline } from './live-config.ts';

function idOf(entry: PipelineEntry): string {
  return isShared(entry) ? entry.shared : entry.id;
}

/** What becomes of a pipeline; nothing if it is what it was. */
export function changeOf({
  name,
  pipeline,
  entries,
  change,
}: PreparedPipeline): readonly PolicyChange[] {
  const [before, after] = [pipeline.entries.map(idOf), entries.map(idOf)];
  const layers = [...change.changes, ...sharedChanges(pipeline.entries, entries)];
  const stayed = before.filter((id) => after.includes(id));
  const reordered = after.filter((id) => before.includes(id)).join('\n') !== stayed.join('\n');
  if (!pipeline.isPresent) return [{ policy: name, change: 'added', layers, reordered: false }];
  if (layers.length === 0 && !reordered) return [];
  return [{ policy: name, change: 'changed', layers, reordered }];
}

/** Shared layers that have come into a pipeline or left it. */
function sharedChanges(
  before: readonly PipelineEntry[],
  after: readonly PipelineEntry[],
): PolicyChange['layers'] {
  const named = (entries: readonly PipelineEntry[]): readonly string[] =>
    entries.filter(isShared).map(({ shared }) => shared);
  const [old, now] = [named(before), named(after)];
  const change = (ids: readonly string[], what: 'added' | 'removed'): PolicyChange['layers'] =>
    ids.map((layer) => ({ layer, type: 'shared', change: what }));
  return [
    ...change(
      now.filter((id) => !old.includes(id)),
      'added',
    ),
    ...change(
      old.filter((id) => !now.includes(id)),
      'removed',
    ),
  ];
}
