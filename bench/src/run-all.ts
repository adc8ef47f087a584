import { groups } from './groups/index.ts';
import { weighings } from './groups/weights.ts';
import { type Measurement, median } from './measure.ts';
import { progress } from './progress.ts';
import type { NodeResults, Time, WeightOf } from './results.ts';
import { perform, type Settings } from './task.ts';

export interface RunOptions {
  readonly settings: Settings;
  /** How often each contender is measured; all of them go before any goes again. */
  readonly passes: number;
  /** Whether a contender of a group is to run. */
  readonly wants: (group: string, contender: string) => boolean;
  /** The Node to run it with: its path and its version. */
  readonly node: { readonly path: string; readonly version: string };
}

interface Place {
  readonly group: number;
  readonly contender: number;
}

function places(
  lists: readonly { readonly name: string; readonly contenders: readonly { name: string }[] }[],
  wants: RunOptions['wants'],
): Place[] {
  return lists.flatMap(({ name, contenders }, group) =>
    contenders.flatMap((each, contender) => (wants(name, each.name) ? [{ group, contender }] : [])),
  );
}

function timeFrom(
  { group, contender }: Place,
  measured: readonly Measurement[],
  bytes: number | undefined,
): Time {
  const middle = (of: (one: Measurement) => number): number => median(measured.map(of));
  return {
    group: groups[group]?.name ?? '',
    contender: groups[group]?.contenders[contender]?.name ?? '',
    ratio: middle((one) => one.ratio),
    cpuNs: middle((one) => one.cpuNs),
    wallNs: middle((one) => one.wallNs),
    bytes: bytes ?? null,
  };
}

/** Measures, then weighs; one process after the other. */
export async function runAll(options: RunOptions): Promise<NodeResults> {
  const { settings, passes, wants, node } = options;
  const timed = places(groups, wants);
  const measured = new Map<Place, Measurement[]>(timed.map((place) => [place, []]));
  for (let pass = 1; pass <= passes; pass++) {
    for (const place of timed) {
      progress(`Node ${node.version}, pass ${pass} of ${passes}: ${groups[place.group]?.name}`);
      measured.get(place)?.push(await perform({ kind: 'time', ...place, settings }, node.path));
    }
  }
  const bytes = new Map<Place, number>();
  for (const place of timed) {
    progress(`Node ${node.version}, bytes: ${groups[place.group]?.name}`);
    bytes.set(place, await perform({ kind: 'allocate', ...place }, node.path));
  }
  const weights: WeightOf[] = [];
  for (const place of places(weighings, wants)) {
    const group = weighings[place.group]?.name ?? '';
    const contender = weighings[place.group]?.contenders[place.contender]?.name ?? '';
    progress(`Node ${node.version}: ${group}`);
    weights.push({ group, contender, ...(await perform({ kind: 'weigh', ...place }, node.path)) });
  }
  progress('');
  const times = timed.map((place) => timeFrom(place, measured.get(place) ?? [], bytes.get(place)));
  return { node: node.version, times, weights };
}
