import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { DemoState } from '../src/demo.ts';
import { liveScreen } from '../src/display/live-screen.ts';
import { Tally } from '../src/driver/tally.ts';
import type { VisitResult } from '../src/driver/visit.ts';
import { scenario } from '../src/scenario.ts';
import type { OrderMetrics } from '../src/services/contract.ts';

function tally(result: VisitResult): Tally {
  const made = new Tally();
  for (let i = 0; i < 40; i++) made.add({ orderId: `o-${i}`, result, waitedMs: 3_000 });
  return made;
}

function metrics(inventory: number, circuits: OrderMetrics['circuits']): OrderMetrics {
  const calls = { inventory, payment: 0, notification: 0 };
  return { inFlight: 0, calls, circuits, opened: {}, outbox: 4 };
}

const closed = { inventory: 'closed', payment: 'closed', notification: 'closed' };
const state: DemoState = {
  scenario: scenario({ isQuick: false }),
  index: 2,
  stage: 'sick',
  tallies: { plain: tally('gave-up'), resilient: tally('degraded') },
  metrics: {
    plain: metrics(150, {}),
    resilient: metrics(60, { ...closed, inventory: 'open', notification: 'half-open' }),
  },
  before: { plain: metrics(50, {}), resilient: metrics(40, closed) },
  results: [],
  phaseStartedAt: 60_000,
  startedAt: 0,
};

function shown(changes: Partial<DemoState> = {}): string {
  return stripVTControlCharacters(liveScreen({ ...state, ...changes }, 63_000));
}

test('both sides stand beside each other, on lines that fit 100 columns', () => {
  const text = shown();
  expect(text).toContain('phase 3 of 7, 1:03');
  expect(text).toContain('Hanging inventory: the inventory accepts requests and never answers');
  expect(text).toMatch(/orders served +0 % +100 % \(100 % in part\)/);
  expect(text).toMatch(/the latest customers +✕{24} +▪{24}/);
  expect(text).toMatch(/calls to inventory +100 +20/);
  expect(text).toMatch(/circuits +none +inventory open, notification half-open/);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
});

test('closed circuits are told in two words', () => {
  const text = shown({ metrics: { plain: metrics(0, {}), resilient: metrics(0, closed) } });
  expect(text).toMatch(/circuits +none +all closed/);
});

test('while both sides recover, the count of the phase stands still', () => {
  const text = shown({ stage: 'recovering', after: state.before });
  expect(text).toContain('Hanging inventory is over, both sides recover');
  expect(text).toMatch(/calls to inventory +0 +0/);
});
