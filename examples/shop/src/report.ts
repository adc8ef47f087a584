import type { Audit } from './audit.ts';
import type { Totals } from './driver/tally.ts';
import type { EditResult } from './operator/operator.ts';
import type { Phase } from './scenario.ts';
import type { Hedges } from './services/contract.ts';
import type { BySide } from './sides.ts';

/** What came of a phase on one side; the totals are those of all but the greedy client. */
export interface SideResult extends Totals {
  /** What came of the orders of the greedy client, where there was one. */
  readonly greedy: Totals | undefined;
  /** Requests that the order service sent to the sick service, retries included. */
  readonly callsToSick: number | undefined;
  /** How often the circuit to it opened. */
  readonly opened: number;
  readonly hedges: Hedges;
}

/** What came of a phase. */
export interface PhaseResult {
  readonly phase: Phase;
  readonly sides: BySide<SideResult>;
  /** Whether all circuits were closed again in the time allowed after the phase. */
  readonly isRecovered: boolean;
  /** What came of the edits of `policies.json`, where there were any. */
  readonly edits?: EditResult | undefined;
}

/** Something that the resilient side promised, and whether it kept its word. */
export interface PromiseResult {
  /** The phase, or what else it is about. */
  readonly about: string;
  /** What came of it, and what was promised. */
  readonly text: string;
  readonly isKept: boolean;
}

/** What came of the whole demonstration. */
export interface Report {
  readonly phases: readonly PhaseResult[];
  readonly audits: BySide<Audit>;
  readonly promises: readonly PromiseResult[];
  readonly tookMs: number;
}

/** Whether every promise was kept. */
export function isKept({ promises }: Pick<Report, 'promises'>): boolean {
  return promises.every((promise) => promise.isKept);
}
