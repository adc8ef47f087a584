import type { Audit } from './audit.ts';
import { shownMs, shownPercent } from './display/numbers.ts';
import type { PhaseResult, PromiseResult, SideResult } from './report.ts';
import type { Phase } from './scenario.ts';

type Check = Omit<PromiseResult, 'about'>;

function allowedCalls({ durationMs, promise }: Phase): number | undefined {
  const { calls } = promise;
  return calls && Math.round(calls.first + (calls.perSecond * durationMs) / 1_000);
}

function checkCustomers({ promise }: Phase, side: SideResult): Check[] {
  const { p99Ms = Number.POSITIVE_INFINITY, successRate } = side;
  return [
    {
      text: `${shownPercent(successRate)} served (≥ ${shownPercent(promise.successRate)})`,
      isKept: side.orders > 0 && successRate >= promise.successRate,
    },
    {
      text: `p99 ${shownMs(p99Ms)} (≤ ${shownMs(promise.p99Ms)})`,
      isKept: p99Ms <= promise.p99Ms,
    },
  ];
}

function checkService(phase: Phase, { callsToSick = 0, opened }: SideResult): Check[] {
  const checks: Check[] = [];
  const allowed = allowedCalls(phase);
  if (allowed !== undefined) {
    const text = `${callsToSick} calls (≤ ${allowed})`;
    checks.push({ text, isKept: callsToSick <= allowed });
  }
  if (phase.promise.opens === true) {
    checks.push({
      text: opened > 0 ? 'circuit opened' : 'circuit never opened',
      isKept: opened > 0,
    });
  }
  return checks;
}

/** Checks what the resilient side promised for a phase. */
export function phasePromises({ isRecovered, phase, sides }: PhaseResult): PromiseResult[] {
  const checks: Check[] = [
    ...checkCustomers(phase, sides.resilient),
    ...checkService(phase, sides.resilient),
  ];
  if (phase.sick !== undefined) {
    const text = isRecovered ? 'closed again' : 'a circuit stayed open';
    checks.push({ text, isKept: isRecovered });
  }
  return checks.map((check) => ({ about: phase.title, ...check }));
}

/** Checks what the resilient side promised for the whole: the books are in order. */
export function bookPromises(audit: Audit): PromiseResult[] {
  const { confirmed, paidForNothing, paidOnce, paidTwice, receiptsMissing } = audit;
  const arrived = confirmed - receiptsMissing;
  return [
    {
      about: 'Money',
      text: `${paidOnce} of ${confirmed} confirmed orders paid exactly once`,
      isKept: paidOnce === confirmed && paidTwice === 0,
    },
    {
      about: 'Money',
      text: `${paidForNothing} paid for nothing`,
      isKept: paidForNothing === 0,
    },
    {
      about: 'Receipts',
      text: `${arrived} of ${confirmed} arrived in the end`,
      isKept: receiptsMissing === 0,
    },
  ];
}
