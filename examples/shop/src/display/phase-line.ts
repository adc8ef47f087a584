import type { PhaseResult, SideResult } from '../report.ts';
import { shownEffect, shownLimits, shownMs, shownPercent } from './numbers.ts';

function shown({ callsToSick, greedy, p50Ms, p99Ms, successRate }: SideResult): string {
  const calls = callsToSick === undefined ? '' : `, ${callsToSick} calls to it`;
  const limits = greedy === undefined ? '' : `; the greedy client: ${shownLimits(greedy)}`;
  return `${shownPercent(successRate)} served, p50 ${shownMs(p50Ms)}, p99 ${shownMs(p99Ms)}${calls}${limits}`;
}

/** A phase that has ended, in one line, for logs. */
export function phaseLine({ edits, phase, sides }: PhaseResult): string {
  const { plain, resilient } = sides;
  const effect = edits === undefined ? '' : `; ${shownEffect(edits)}`;
  return `${phase.title}: without policies ${shown(plain)} | with policies ${shown(resilient)}${effect}`;
}
