import { isKept, type PhaseResult, type Report } from '../report.ts';

function phaseJson({ edits, isRecovered, phase, sides }: PhaseResult): object {
  const { durationMs, greedyPerSecond, id, ordersPerSecond, sick, title } = phase;
  const load = { durationMs, ordersPerSecond, greedyPerSecond };
  return { id, title, sick, ...load, ...sides, isRecovered, edits };
}

/** The report as one JSON document, for machines. */
export function jsonReport(report: Report, seed: number): string {
  const { audits, phases, promises, tookMs } = report;
  return JSON.stringify(
    {
      kept: isKept(report),
      seed,
      tookMs: Math.round(tookMs),
      phases: phases.map(phaseJson),
      books: audits,
      promises,
    },
    undefined,
    2,
  );
}
