import { readFileSync, writeFileSync } from 'node:fs';
import type { Size } from './sizes.ts';

/** One contender's time, on one version of Node. */
export interface Time {
  readonly group: string;
  readonly contender: string;
  readonly ratio: number;
  readonly cpuNs: number;
  readonly wallNs: number;
  readonly bytes: number | null;
}

/** One contender's weight. */
export interface WeightOf {
  readonly group: string;
  readonly contender: string;
  readonly bytes: number;
  readonly left: number;
}

/** What one run on one version of Node has given. */
export interface NodeResults {
  /** The version: `'24.21.0'`. */
  readonly node: string;
  readonly times: readonly Time[];
  readonly weights: readonly WeightOf[];
}

/** All that is committed. */
export interface Results {
  readonly machine: string;
  /** The versions of the peers, by name. */
  readonly peers: Readonly<Record<string, string>>;
  readonly runs: readonly NodeResults[];
  /** What is bundled into an application. */
  readonly sizes: readonly Size[];
}

const file = new URL('../results.json', import.meta.url);

export function readResults(): Results {
  return JSON.parse(readFileSync(file, 'utf8')) as Results;
}

export function writeResults(results: Results): void {
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
}

/** Finds a contender's time. */
export function timeOf(
  run: NodeResults | undefined,
  group: string,
  contender: string,
): Time | undefined {
  return run?.times.find((each) => each.group === group && each.contender === contender);
}
