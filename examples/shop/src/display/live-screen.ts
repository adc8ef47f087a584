import { stripVTControlCharacters } from 'node:util';
import pc from 'picocolors';
import type { DemoState } from '../demo.ts';
import type { PhaseResult } from '../report.ts';
import type { Phase } from '../scenario.ts';
import { dependencies, type OrderMetrics } from '../services/contract.ts';
import type { SideName } from '../sides.ts';
import { bar, marks } from './bars.ts';
import { shownClock, shownLimits, shownMs, shownPercent } from './numbers.ts';

const labelWidth = 22;
const columnWidth = 26;
const marksShown = 24;

function cell(text: string, width: number): string {
  // Colours take no room on the screen.
  const shown = stripVTControlCharacters(text).length;
  return text + ' '.repeat(Math.max(1, width - shown));
}

function row(label: string, plain: string, resilient: string): string {
  return ` ${cell(pc.dim(label), labelWidth)}${cell(plain, columnWidth)}${resilient}`;
}

function colouredPercent(share: number): string {
  const text = shownPercent(share);
  if (share >= 0.95) return pc.green(text);
  return share >= 0.5 ? pc.yellow(text) : pc.red(text);
}

/** The circuits that are not closed: usually there is nothing to tell. */
function circuitsOf({ circuits }: OrderMetrics): string {
  if (Object.keys(circuits).length === 0) return pc.dim('none');
  const shown = dependencies.flatMap((name) => {
    const state = circuits[name] ?? 'closed';
    if (state === 'closed') return [];
    return [`${name} ${state === 'open' ? pc.red(state) : pc.yellow(state)}`];
  });
  return shown.join(', ') || pc.green('all closed');
}

function headline({ index, scenario, stage, startedAt }: DemoState, now: number): string[] {
  const phase = scenario.phases[index] as Phase;
  const count = `phase ${index + 1} of ${scenario.phases.length}, ${shownClock(now - startedAt)}`;
  const subtitle = {
    'warming-up': ': the first requests of a process are slow ones, and not counted',
    sick: `: ${phase.story}`,
    recovering: ', both sides recover',
  }[stage];
  const isSick = phase.id !== 'healthy' && phase.id !== 'recovered';
  const title = {
    'warming-up': 'Warming up',
    sick: phase.title,
    recovering: `${phase.title} is over`,
  };
  const colour = stage === 'sick' && isSick ? pc.red : pc.green;
  return [
    ` ${pc.bold('Two shops, the same customers, the same faults')}   ${pc.dim(count)}`,
    '',
    ` ${pc.bold(colour(title[stage]))}${pc.dim(subtitle)}`,
  ];
}

function progress({ index, phaseStartedAt, scenario, stage }: DemoState, now: number): string {
  if (stage !== 'sick') return '';
  const { durationMs } = scenario.phases[index] as Phase;
  const passed = Math.min(durationMs, now - phaseStartedAt);
  return ` ${bar(passed / durationMs, 40)} ${pc.dim(`${(passed / 1_000).toFixed(0)} of ${durationMs / 1_000} s`)}`;
}

function sickCalls({ after, before, index, metrics, scenario }: DemoState): string[] {
  const { sick } = scenario.phases[index] as Phase;
  if (sick === undefined) return [];
  const since = (side: SideName): string =>
    String((after ?? metrics)[side].calls[sick] - before[side].calls[sick]);
  return [row(`calls to ${sick}`, since('plain'), since('resilient'))];
}

/** Rows that not every phase has. */
function specialRows({ before, greedy, index, metrics, scenario }: DemoState): string[] {
  const { promise } = scenario.phases[index] as Phase;
  const rows: string[] = [];
  if (greedy !== undefined) {
    const shown = (side: SideName): string => shownLimits(greedy[side].totals());
    rows.push(row('the greedy client', shown('plain'), shown('resilient')));
  }
  if (promise.hedgedShare !== undefined) {
    const { hedges } = metrics.resilient;
    const started = hedges.started - before.resilient.hedges.started;
    const won = hedges.won - before.resilient.hedges.won;
    rows.push(row('reads hedged', pc.dim('none'), `${started}, and ${won} won`));
  }
  return rows;
}

/** What the latest edit of the policies came to, in a phase that is about edits or after one by hand. */
function policiesRow({ index, metrics, scenario }: DemoState): string[] {
  const { latest } = metrics.resilient.policies ?? {};
  const { edits } = scenario.phases[index] as Phase;
  if (edits === undefined && latest === undefined) return [];
  const shown = {
    none: pc.dim('as at first'),
    changed: pc.green('edited, and in force'),
    refused: pc.yellow('mistake refused'),
  };
  return [row('policies.json', pc.dim('none'), shown[latest?.kind ?? 'none'])];
}

function comparison(state: DemoState): string[] {
  const { metrics, tallies } = state;
  const totals = { plain: tallies.plain.totals(), resilient: tallies.resilient.totals() };
  const served = (side: SideName): string => {
    const { degraded, orders, successRate } = totals[side];
    if (orders === 0) return pc.dim('…');
    const note = degraded === 0 ? '' : pc.dim(` (${shownPercent(degraded / orders)} in part)`);
    return colouredPercent(successRate) + note;
  };
  const latest = (side: SideName): string => marks(tallies[side].latest(marksShown));
  return [
    row('', pc.bold('WITHOUT policies'), pc.bold('WITH policies')),
    row('orders served', served('plain'), served('resilient')),
    row('the latest customers', latest('plain'), latest('resilient')),
    row('median wait', shownMs(totals.plain.p50Ms), shownMs(totals.resilient.p50Ms)),
    row('99 % wait less than', shownMs(totals.plain.p99Ms), shownMs(totals.resilient.p99Ms)),
    row('waiting right now', String(tallies.plain.waiting), String(tallies.resilient.waiting)),
    ...specialRows(state),
    ...sickCalls(state),
    row('put off until later', '', String(metrics.resilient.outbox)),
    ...policiesRow(state),
    row('circuits', circuitsOf(metrics.plain), circuitsOf(metrics.resilient)),
  ];
}

function pastPhase({ phase, sides }: PhaseResult): string {
  const { plain, resilient } = sides;
  const shown = (side: typeof plain): string =>
    `${cell(colouredPercent(side.successRate), 7)}${pc.dim('p99')} ${shownMs(side.p99Ms)}`;
  return row(phase.title, shown(plain), shown(resilient));
}

/** The phases that are over: as many of the latest as there is room for. */
function pastPhases({ results }: DemoState, room: number): string[] {
  const shown = results.slice(-Math.max(1, room - 2));
  return shown.length === 0 ? [] : ['', ` ${pc.dim('so far')}`, ...shown.map(pastPhase)];
}

/** Draws what is going on, on so many lines: a pure function of the state, the time and the room. */
export function liveScreen(state: DemoState, now: number, rows: number): string {
  const head = [...headline(state, now), progress(state, now)];
  const invitation = pc.dim(` to edit meanwhile: ${state.policiesPath}`);
  const present = ['', ...head, '', ...comparison(state), invitation];
  // One line stays empty: a terminal that is full scrolls.
  return [...present, ...pastPhases(state, rows - present.length - 2), ''].join('\n');
}
