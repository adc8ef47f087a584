import Table from 'cli-table3';
import pc from 'picocolors';
import type { Totals } from '../driver/tally.ts';
import { isKept, type PhaseResult, type Report, type SideResult } from '../report.ts';
import type { BySide } from '../sides.ts';
import { shownEffect, shownMs, shownPercent } from './numbers.ts';
import { promiseList } from './promise-list.ts';

/** So wide is the table of the phases with all its columns. */
const wideColumns = 104;
const narrowColumns = 80;

const audited = [
  ['orders confirmed to a customer', 'confirmed'],
  ['… and paid exactly once', 'paidOnce'],
  ['paid twice', 'paidTwice'],
  ['paid, but there is no order', 'paidForNothing'],
  ['paid, but the customer had given up', 'paidUnseen'],
  ['receipts that never arrived', 'receiptsMissing'],
] as const;

/** Without a line between every two rows. */
const compact = {
  chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  style: { head: [], border: pc.isColorSupported ? ['gray'] : [] },
};

function pair<T>({ plain, resilient }: BySide<T>, shown: (value: T) => string): string {
  return `${shown(plain).padStart(6)} → ${pc.bold(shown(resilient))}`;
}

function inPart({ degraded, orders }: SideResult): string {
  return degraded === 0 ? '' : shownPercent(degraded / orders).padStart(5);
}

type Column = readonly [head: string, cell: (result: PhaseResult) => string];

const median: Column = ['median wait', ({ sides }) => pair(sides, (side) => shownMs(side.p50Ms))];
const phaseColumns: readonly Column[] = [
  ['', ({ phase }) => phase.title],
  ['orders served', ({ sides }) => pair(sides, (side) => shownPercent(side.successRate))],
  ['in part *', ({ sides }) => inPart(sides.resilient)],
  median,
  ['99 % wait under', ({ sides }) => pair(sides, (side) => shownMs(side.p99Ms))],
  [
    'calls to it',
    ({ phase, sides }) =>
      phase.sick === undefined ? '' : pair(sides, (side) => String(side.callsToSick)),
  ],
];

function phaseTable({ phases }: Report, columns: number): string {
  const isWide = columns >= wideColumns;
  const shown = isWide ? phaseColumns : phaseColumns.filter((column) => column !== median);
  const style = { ...compact.style, ...(isWide ? {} : { 'padding-right': 0 }) };
  const table = new Table({ ...compact, style, head: shown.map(([head]) => head) });
  table.push(...phases.map((result) => shown.map(([, cell]) => cell(result))));
  return table.toString();
}

/** The table tells what the others saw; this, what became of the orders of the greedy one. */
function greedyNotes({ phases }: Report): string[] {
  return phases.flatMap(({ phase, sides }) => {
    const { plain, resilient } = sides;
    if (plain.greedy === undefined || resilient.greedy === undefined) return [];
    const served = (totals: Totals): string => shownPercent(totals.successRate);
    const own = `${served(plain.greedy)} → ${served(resilient.greedy)}`;
    return [pc.dim(` ${phase.title}: what the others saw; of its own orders ${own} were served`)];
  });
}

/** What the operator did, and what came of it. */
function editNotes({ phases }: Report): string[] {
  return phases.flatMap(({ edits, phase }) => {
    if (edits === undefined) return [];
    const refusal = edits.refusal === undefined ? [] : [` refused: ${edits.refusal}`];
    const effect = ` ${phase.title}: ${shownEffect(edits)}`;
    return [effect, ...refusal].map((line) => pc.dim(line));
  });
}

function bookTable({ audits }: Report): string {
  const head = ['the books at the end', 'without', 'with policies'];
  const table = new Table({
    ...compact,
    head,
    colAligns: ['left', 'right', 'right'],
  });
  for (const [label, key] of audited) {
    table.push([label, audits.plain[key], pc.bold(String(audits.resilient[key]))]);
  }
  return table.toString();
}

/** The whole demonstration on one screen, without policies → with them, at least 80 columns wide. */
export function summary(report: Report, columns: number): string {
  const width = Math.max(narrowColumns, columns);
  const verdict = isKept(report)
    ? pc.green(pc.bold('The side with policies kept all its promises.'))
    : pc.red(pc.bold('The side with policies did not keep all its promises.'));
  return [
    '',
    ` ${pc.bold('What the customers saw')}: without policies → ${pc.bold('with policies')}`,
    phaseTable(report, width),
    pc.dim(' * with the last known stock in place of a fresh one, or with a receipt later'),
    pc.dim(' calls to it: the requests sent to the sick service while it was sick'),
    ...greedyNotes(report),
    ...editNotes(report),
    '',
    bookTable(report),
    '',
    ' What the side with policies promises:',
    promiseList(report.promises, width),
    '',
    ` ${verdict} ${pc.dim(`(${Math.round(report.tookMs / 1_000)} s)`)}`,
    '',
  ].join('\n');
}
