import { groups } from './groups/index.ts';
import { weighings } from './groups/weights.ts';
import { bundles, type Size } from './sizes.ts';
import { type NodeResults, type Time, timeOf } from './results.ts';

const isOurs = (contender: string): boolean => contender.startsWith('holdfast');

function number(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '';
  return value < 10 ? value.toFixed(2) : Math.round(value).toLocaleString('en');
}

const isNobody = (contender: string): boolean =>
  contender === 'bare' || contender.startsWith('floor');

/** The cheapest peer of a group: neither Holdfast nor what is no library. */
export function bestPeer(times: readonly Time[]): Time | undefined {
  return times
    .filter(({ contender }) => !isOurs(contender) && !isNobody(contender))
    .toSorted((a, b) => a.ratio - b.ratio)[0];
}

function goalCell(goal: number | undefined, reached: number): string {
  if (goal === undefined) return '';
  return `${reached <= goal ? '✓' : '✗'} ≤ ${goal.toLocaleString('en')}`;
}

/** How many times cheaper we are than the best peer; empty for the others. */
function againstPeer(time: Time, peer: Time | undefined): string {
  if (peer === undefined || !isOurs(time.contender)) return '';
  return `${number(peer.ratio / time.ratio)} x`;
}

function timeTable(name: string, run: NodeResults, others: readonly NodeResults[]): string {
  const group = groups.find((each) => each.name === name);
  const times = run.times.filter((each) => each.group === name);
  const peer = bestPeer(times);
  const rows = times.map((time) => {
    const contender = group?.contenders.find((each) => each.name === time.contender);
    const elsewhere = others.map((other) => number(timeOf(other, name, time.contender)?.ratio));
    const cells = [
      time.contender,
      number(time.ratio),
      goalCell(contender?.goal, time.ratio),
      againstPeer(time, peer),
      number(time.cpuNs),
      number(time.wallNs),
      number(time.bytes),
      ...elsewhere,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const heads = ['', 'x base', 'goal', 'than the best peer', 'ns CPU', 'ns wall', 'bytes'];
  const head = [...heads, ...others.map((other) => `x base, Node ${other.node.split('.')[0]}`)];
  return [
    `### ${name[0]?.toUpperCase()}${name.slice(1)}`,
    '',
    `Base: ${group?.baseName ?? 'await operation()'}.`,
    '',
    `| ${head.join(' | ')} |`,
    `| ${head.map(() => '---').join(' | ')} |`,
    ...rows,
    '',
  ].join('\n');
}

function weightTable(name: string, run: NodeResults): string {
  const weighing = weighings.find((each) => each.name === name);
  const rows = run.weights
    .filter(({ group }) => group === name)
    .map(({ contender, bytes, left }) => {
      const goal = weighing?.contenders.find((each) => each.name === contender)?.goal;
      const cells = [contender, number(bytes), goalCell(goal, bytes), number(left)];
      return `| ${cells.join(' | ')} |`;
    });
  return [
    `### ${name[0]?.toUpperCase()}${name.slice(1)}`,
    '',
    '|  | bytes each | goal | left after all were dropped |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

const distinct = (names: readonly string[]): string[] => [...new Set(names)];

/** All tables in Markdown: of the first run, with the ratios of the others. */
export function tables([run, ...others]: readonly NodeResults[]): string {
  if (run === undefined) return '';
  return [
    ...distinct(run.times.map((time) => time.group)).map((name) => timeTable(name, run, others)),
    ...distinct(run.weights.map((weight) => weight.group)).map((name) => weightTable(name, run)),
  ].join('\n');
}

/** What an application has of each library. */
export function sizeTable(sizes: readonly Size[]): string {
  const rows = sizes.map(({ name, min, gzip }) => {
    const goal = bundles.find((each) => each.name === name)?.goal;
    return `| ${[name, number(min), number(gzip), goalCell(goal, gzip)].join(' | ')} |`;
  });
  const head = ['### Size in an application', '', 'Bundled and minified by esbuild, in bytes.', ''];
  return [...head, '|  | min | min + gzip | goal |', '| --- | --- | --- | --- |', ...rows, ''].join(
    '\n',
  );
}
