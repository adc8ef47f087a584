import type { Audit } from './audit.ts';
import { inFullShare, shownMs, shownPercent } from './display/numbers.ts';
import type { EditResult } from './operator/operator.ts';
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

function checkHedges({ promise }: Phase, side: SideResult): Check[] {
  const { callsPerOrder, hedgedShare } = promise;
  const { callsToSick = 0, hedges, orders } = side;
  const checks: Check[] = [];
  if (hedgedShare !== undefined) {
    const least = Math.max(1, Math.ceil(hedgedShare * orders));
    const text = `${hedges.won} of ${hedges.started} hedges won (≥ ${least})`;
    checks.push({ text, isKept: hedges.won >= least });
  }
  if (callsPerOrder !== undefined) {
    const most = Math.floor(callsPerOrder * orders);
    const text = `${callsToSick} calls for ${orders} orders (≤ ${most})`;
    checks.push({ text, isKept: callsToSick <= most });
  }
  return checks;
}

/** A promise about a wait, by comparison with the other side: true on a slow machine as on a fast one. */
function checkShareOfWait({ promise }: Phase, { plain, resilient }: PhaseResult['sides']): Check[] {
  const { p99Share } = promise;
  if (p99Share === undefined) return [];
  const share = (resilient.p99Ms ?? Number.POSITIVE_INFINITY) / (plain.p99Ms ?? 0);
  const text = `${shownPercent(share)} of the p99 without policies (≤ ${shownPercent(p99Share)})`;
  return [{ text, isKept: share <= p99Share }];
}

function checkLimit({ promise }: Phase, side: SideResult): Check[] {
  const { degradedShare, limitedShare } = promise;
  const { degraded, greedy, orders } = side;
  const checks: Check[] = [];
  if (degradedShare !== undefined) {
    const share = degraded / orders;
    const text = `${shownPercent(share)} in part (≤ ${shownPercent(degradedShare)})`;
    checks.push({ text, isKept: share <= degradedShare });
  }
  if (limitedShare === undefined) return checks;
  if (greedy === undefined) return [...checks, { text: 'no greedy client', isKept: false }];
  const share = greedy.limited / greedy.orders;
  const untold = greedy.limited - greedy.toldWhen;
  return [
    ...checks,
    {
      text: `greedy: ${shownPercent(share)} got a 429 (≥ ${shownPercent(limitedShare)})`,
      isKept: share >= limitedShare,
    },
    {
      text: untold === 0 ? 'told when to come back' : `${untold} not told when to come back`,
      isKept: untold === 0,
    },
  ];
}

function checkEdits({ edits, phase }: PhaseResult): Check[] {
  const { edits: promise } = phase.promise;
  if (promise === undefined) return [];
  if (edits === undefined) return [{ text: 'policies.json was not edited', isKept: false }];
  const { backMs, circuits, inForceMs, refusal, stayed } = edits;
  const limit = shownMs(promise.inForceMs);
  const share = inFullShare(edits.after);
  const areKept = areRemembered(circuits);
  return [
    {
      text: `edit in force in ${shownMs(inForceMs)}, no restart (≤ ${limit})`,
      isKept: inForceMs !== undefined && inForceMs <= promise.inForceMs,
    },
    {
      text: `${areKept ? 'open circuits stayed open' : 'open circuits were forgotten'} (${shownCircuits(circuits)})`,
      isKept: areKept,
    },
    {
      text: `after it ${shownPercent(share)} in full (≥ ${shownPercent(promise.inFullShare)})`,
      isKept: share >= promise.inFullShare,
    },
    {
      text: refusal === undefined ? 'a mistake was not refused' : 'a mistake was refused',
      isKept: refusal !== undefined,
    },
    { text: stayed ? 'the good edit stayed' : 'the good edit was lost', isKept: stayed },
    {
      text: `put back in ${shownMs(backMs)} (≤ ${limit})`,
      isKept: backMs !== undefined && backMs <= promise.inForceMs,
    },
  ];
}

function shownCircuits({ after, before }: EditResult['circuits']): string {
  return `${before.join(', ')} → ${after.join(', ')}`;
}

/** A circuit that was not closed is not so because of a change; and there was such a circuit. */
function areRemembered({ after, before }: EditResult['circuits']): boolean {
  const isSick = (state: string | undefined): boolean => state !== undefined && state !== 'closed';
  return before.some(isSick) && before.every((state, i) => !isSick(state) || isSick(after[i]));
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
export function phasePromises(result: PhaseResult): PromiseResult[] {
  const { isRecovered, phase, sides } = result;
  const checks: Check[] = [
    ...checkCustomers(phase, sides.resilient),
    ...checkShareOfWait(phase, sides),
    ...checkHedges(phase, sides.resilient),
    ...checkLimit(phase, sides.resilient),
    ...checkService(phase, sides.resilient),
    ...checkEdits(result),
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
