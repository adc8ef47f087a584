import Table from 'cli-table3';
import pc from 'picocolors';
import { isKept, type PhaseResult, type Report, type SideResult } from '../report.ts';
import type { BySide } from '../sides.ts';
import { shownMs, shownPercent } from './numbers.ts';

const heads = ['', 'orders served', 'in part *', 'median wait', '99 % wait under', 'calls to it'];
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
  style: { head: [], border: ['gray'] },
};

function pair<T>({ plain, resilient }: BySide<T>, shown: (value: T) => string): string {
  return `${shown(plain).padStart(6)} → ${pc.bold(shown(resilient))}`;
}

function inPart({ degraded, orders }: SideResult): string {
  return degraded === 0 ? '' : shownPercent(degraded / orders).padStart(5);
}

function phaseRow({ phase, sides }: PhaseResult): string[] {
  return [
    phase.title,
    pair(sides, (side) => shownPercent(side.successRate)),
    inPart(sides.resilient),
    pair(sides, (side) => shownMs(side.p50Ms)),
    pair(sides, (side) => shownMs(side.p99Ms)),
    phase.sick === undefined ? '' : pair(sides, (side) => String(side.callsToSick)),
  ];
}

function phaseTable({ phases }: Report): string {
  const table = new Table({ ...compact, head: heads });
  table.push(...phases.map(phaseRow));
  return table.toString();
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

function promiseList({ promises }: Report): string {
  const byPhase = Map.groupBy(promises, ({ about }) => about);
  const lines = [...byPhase].map(([about, checks]) => {
    const sign = checks.every((check) => check.isKept) ? pc.green('✔') : pc.red('✖');
    const texts = checks.map((check) => (check.isKept ? check.text : pc.red(pc.bold(check.text))));
    return ` ${sign} ${about.padEnd(18)} ${texts.join(pc.dim(' · '))}`;
  });
  return lines.join('\n');
}

/** The whole demonstration on one screen: without policies → with them. */
export function summary(report: Report): string {
  const verdict = isKept(report)
    ? pc.green(pc.bold('The side with policies kept all its promises.'))
    : pc.red(pc.bold('The side with policies did not keep all its promises.'));
  return [
    '',
    ` ${pc.bold('What the customers saw')}: without policies → ${pc.bold('with policies')}`,
    phaseTable(report),
    pc.dim(
      ' * by the side with policies: with the last known stock, or with a receipt that came later',
    ),
    '',
    bookTable(report),
    '',
    ' What the side with policies promises:',
    promiseList(report),
    '',
    ` ${verdict} ${pc.dim(`(${Math.round(report.tookMs / 1_000)} s)`)}`,
    '',
  ].join('\n');
}
