import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { jsonReport } from '../src/display/json-report.ts';
import { shownClock, shownMs, shownPercent } from '../src/display/numbers.ts';
import { phaseLine } from '../src/display/phase-line.ts';
import { summary } from '../src/display/summary.ts';
import { bookPromises, phasePromises } from '../src/promises.ts';
import type { EditResult } from '../src/operator/operator.ts';
import type { PhaseResult, Report, SideResult } from '../src/report.ts';
import { type Phase, scenario } from '../src/scenario.ts';

function phaseOf(id: string): Phase {
  const found = scenario({ isQuick: false }).phases.find((phase) => phase.id === id);
  if (found === undefined) throw new Error(`The scenario has no ${id}.`);
  return found;
}

const hanging = phaseOf('hanging-inventory');

const good: SideResult = {
  orders: 100,
  served: 100,
  degraded: 90,
  gaveUp: 0,
  limited: 0,
  toldWhen: 0,
  greedy: undefined,
  hedges: { started: 0, won: 0 },
  successRate: 1,
  p50Ms: 20,
  p99Ms: 600,
  callsToSick: 20,
  opened: 1,
};
const bad: SideResult = {
  ...good,
  served: 0,
  successRate: 0,
  p50Ms: 3_000,
  p99Ms: 3_000,
  opened: 0,
};

function result(resilient: SideResult, phase = hanging): PhaseResult {
  return { phase, sides: { plain: bad, resilient }, isRecovered: true };
}

const broken = (side: SideResult, phase = hanging): string[] =>
  phasePromises(result(side, phase))
    .filter(({ isKept }) => !isKept)
    .map(({ text }) => text);

describe('the promises of a phase', () => {
  test('are kept by a side that is well', () => {
    expect(broken(good)).toEqual([]);
  });

  test.each<[string, Partial<SideResult>]>([
    ['98 % served', { successRate: 0.989 }],
    ['p99 1.6 s', { p99Ms: 1_600 }],
    ['500 calls', { callsToSick: 500 }],
    ['circuit never opened', { opened: 0 }],
    ['100 % served', { orders: 0 }],
  ])('are broken by: %s', (text, changes) => {
    const texts = broken({ ...good, ...changes });
    expect(texts).toHaveLength(1);
    expect(texts[0]).toContain(text);
  });

  test('are broken when a circuit stays open', () => {
    const promises = phasePromises({ ...result(good), isRecovered: false });
    expect(promises.find(({ isKept }) => !isKept)?.text).toContain('stayed open');
  });
});

describe('the promises of a hedge', () => {
  const replica = phaseOf('slow-replica');
  const hedged: SideResult = { ...good, callsToSick: 115, hedges: { started: 15, won: 11 } };

  test('are kept by a side that hedges', () => {
    expect(broken(hedged, replica)).toEqual([]);
  });

  test.each<[string, Partial<SideResult>]>([
    ['58 % of the p99', { p99Ms: 1_499, p50Ms: 20 }],
    ['2 of 15 hedges won (≥ 3)', { hedges: { started: 15, won: 2 } }],
    ['176 calls for 100 orders (≤ 175)', { callsToSick: 176 }],
  ])('are broken by: %s', (text, changes) => {
    const plain = { ...bad, p99Ms: 2_550 };
    const sides = { plain, resilient: { ...hedged, ...changes } };
    const promises = phasePromises({ phase: replica, sides, isRecovered: true });
    const texts = promises.filter(({ isKept }) => !isKept).map((promise) => promise.text);
    expect(texts).toEqual([expect.stringContaining(text)]);
  });
});

describe('the promises of a rate limit', () => {
  const phase = phaseOf('greedy-client');
  const greedy = {
    ...good,
    orders: 300,
    served: 60,
    successRate: 0.2,
    limited: 240,
    toldWhen: 240,
  };
  const limiting: SideResult = { ...good, degraded: 6, greedy };

  test('are kept by a side that limits the greedy client alone', () => {
    expect(broken(limiting, phase)).toEqual([]);
  });

  test.each<[string, Partial<SideResult>]>([
    ['98 % served', { successRate: 0.98 }],
    ['31 % in part', { degraded: 31 }],
    ['greedy: 33 % got a 429', { greedy: { ...greedy, limited: 100, toldWhen: 100 } }],
    ['1 not told when to come back', { greedy: { ...greedy, toldWhen: 239 } }],
    ['no greedy client', { greedy: undefined }],
  ])('are broken by: %s', (text, changes) => {
    expect(broken({ ...limiting, ...changes }, phase)).toEqual([expect.stringContaining(text)]);
  });

  test('are told apart from what the greedy client got', () => {
    const sides = { plain: { ...bad, greedy: { ...greedy, limited: 0 } }, resilient: limiting };
    const ended = { phase, sides, isRecovered: true };
    expect(phaseLine(ended)).toContain('the greedy client: 20 % served, 80 % got a 429');
  });
});

describe('the promises of an edit', () => {
  const phase = phaseOf('live-edit');
  const edits: EditResult = {
    inForceMs: 120,
    changed: 'stock: timeout remade',
    circuits: { before: ['open', 'closed'], after: ['open', 'closed'] },
    before: { orders: 20, inFull: 1 },
    after: { orders: 20, inFull: 19 },
    refusal: 'templates.attempt.afterMS: is not known here (did you mean "afterMs"?)',
    stayed: true,
    backMs: 130,
  };
  const ended = (changes: Partial<EditResult> = {}): PhaseResult => ({
    ...result(good, phase),
    edits: { ...edits, ...changes },
  });

  test('are kept by a side that follows the file', () => {
    expect(phasePromises(ended()).filter(({ isKept }) => !isKept)).toEqual([]);
  });

  test.each<[string, Partial<EditResult>]>([
    ['in force in 3.1 s', { inForceMs: 3_100 }],
    ['in force in –', { inForceMs: undefined }],
    [
      'open circuits were forgotten (open, closed → closed, closed)',
      { circuits: { before: ['open', 'closed'], after: ['closed', 'closed'] } },
    ],
    ['open circuits were forgotten', { circuits: { before: ['closed'], after: ['closed'] } }],
    ['after it 60 % in full', { after: { orders: 20, inFull: 12 } }],
    ['after it 0 % in full', { after: { orders: 0, inFull: 0 } }],
    ['a mistake was not refused', { refusal: undefined }],
    ['the good edit was lost', { stayed: false }],
    ['put back in –', { backMs: undefined }],
  ])('are broken by: %s', (text, changes) => {
    const texts = phasePromises(ended(changes)).filter(({ isKept }) => !isKept);
    expect(texts.map((promise) => promise.text)).toEqual([expect.stringContaining(text)]);
  });

  test('are broken where nobody edited anything', () => {
    expect(broken(good, phase)).toEqual(['policies.json was not edited']);
  });

  test('are told in the line of the phase, in the summary and in JSON', () => {
    expect(phaseLine(ended())).toContain(
      'in full: 5 % before the edit of policies.json, 95 % after it',
    );
    const empty = { confirmed: 0, paidOnce: 0, paidTwice: 0, paidForNothing: 0, paidUnseen: 0 };
    const audit = { ...empty, receiptsMissing: 0 };
    const report: Report = {
      phases: [ended()],
      audits: { plain: audit, resilient: audit },
      promises: phasePromises(ended()),
      tookMs: 5_000,
    };
    const text = stripVTControlCharacters(summary(report, 80));
    expect(text).toContain('Live edit: in full: 5 % before the edit');
    expect(text).toContain('refused: templates.attempt.afterMS: is not known here');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(JSON.parse(jsonReport(report, 1))).toMatchObject({ phases: [{ edits }] });
  });
});

test('the books are in order only if nothing is missing', () => {
  const books = {
    confirmed: 2,
    paidOnce: 2,
    paidTwice: 0,
    paidForNothing: 0,
    paidUnseen: 3,
    receiptsMissing: 0,
  };
  const areKept = (changes: Partial<typeof books>): boolean =>
    bookPromises({ ...books, ...changes }).every(({ isKept }) => isKept);
  expect(areKept({})).toBe(true);
  for (const changes of [
    { paidOnce: 1 },
    { paidTwice: 1 },
    { paidForNothing: 1 },
    { receiptsMissing: 1 },
  ]) {
    expect(areKept(changes)).toBe(false);
  }
});

describe('the display', () => {
  const audit = {
    confirmed: 100,
    paidOnce: 100,
    paidTwice: 0,
    paidForNothing: 0,
    paidUnseen: 0,
    receiptsMissing: 0,
  };
  const report: Report = {
    phases: [result(good)],
    audits: { plain: { ...audit, paidForNothing: 7 }, resilient: audit },
    promises: [...phasePromises(result(good)), ...bookPromises(audit)],
    tookMs: 61_000,
  };

  test.each([120, 104, 80])('sums up on lines that fit a terminal of %i columns', (columns) => {
    const text = stripVTControlCharacters(summary(report, columns));
    expect(text).toContain('kept all its promises');
    expect(text).toMatch(/Hanging inventory *│ +0 % → 100 %/);
    expect(text).toContain('circuit opened');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns);
  });

  test('fits 80 columns in every phase, and tells what became of the greedy orders', () => {
    const greedy = { ...good, limited: 100, toldWhen: 99 };
    const resilient = { ...good, p50Ms: 1_500, degraded: 100 };
    const phases = scenario({ isQuick: false }).phases.map((phase): PhaseResult => {
      const sides = { plain: bad, resilient };
      if (phase.greedyPerSecond === undefined) return { phase, sides, isRecovered: true };
      const greedySides = { plain: { ...bad, greedy }, resilient: { ...resilient, greedy } };
      return { phase, sides: greedySides, isRecovered: true };
    });
    const promises = phases.flatMap(phasePromises);
    const text = stripVTControlCharacters(summary({ ...report, phases, promises }, 80));
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(text).toContain('Greedy client: what the others saw; of its own orders 100 % → 100 %');
    expect(text).toContain('✖ 1 not told when to come back');
  });

  test('leaves the median out where there is no room for it', () => {
    expect(summary(report, 104)).toContain('median wait');
    expect(summary(report, 80)).not.toContain('median wait');
  });

  test('says so when a promise was broken', () => {
    const promises = [{ about: 'Money', text: '1 paid for nothing', isKept: false }];
    const text = stripVTControlCharacters(summary({ ...report, promises }, 80));
    expect(text).toMatch(/✖ Money +✖ 1 paid for nothing/);
    expect(text).toContain('did not keep');
  });

  test('tells a phase in one line', () => {
    expect(phaseLine(result(good))).toMatch(
      /^Hanging inventory: without policies 0 % served.*20 calls/,
    );
  });

  test('gives machines one JSON document', () => {
    const json: unknown = JSON.parse(jsonReport(report, 3));
    expect(json).toMatchObject({ phases: [{ resilient: { hedges: { started: 0, won: 0 } } }] });
    expect(json).toMatchObject({
      kept: true,
      seed: 3,
      phases: [{ id: 'hanging-inventory', sick: 'inventory', resilient: { successRate: 1 } }],
      books: { plain: { paidForNothing: 7 } },
    });
  });

  test('shows numbers as people read them', () => {
    expect([shownMs(undefined), shownMs(999.4), shownMs(1_540)]).toEqual(['–', '999 ms', '1.5 s']);
    expect([shownPercent(0.999), shownPercent(1)]).toEqual(['99 %', '100 %']);
    expect(shownClock(61_500)).toBe('1:01');
  });
});
