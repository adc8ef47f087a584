import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { jsonReport } from '../src/display/json-report.ts';
import { shownClock, shownMs, shownPercent } from '../src/display/numbers.ts';
import { phaseLine } from '../src/display/phase-line.ts';
import { summary } from '../src/display/summary.ts';
import { bookPromises, phasePromises } from '../src/promises.ts';
import type { PhaseResult, Report, SideResult } from '../src/report.ts';
import { scenario } from '../src/scenario.ts';

const hanging = scenario({ isQuick: false }).phases.find(({ id }) => id === 'hanging-inventory');
if (hanging === undefined) throw new Error('The scenario has no hanging inventory.');
const phase = hanging;

const good: SideResult = {
  orders: 100,
  served: 100,
  degraded: 90,
  gaveUp: 0,
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

function result(resilient: SideResult): PhaseResult {
  return { phase, sides: { plain: bad, resilient }, isRecovered: true };
}

const broken = (side: SideResult): string[] =>
  phasePromises(result(side))
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
