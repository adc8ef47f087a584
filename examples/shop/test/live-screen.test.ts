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
  const hedges = { started: inventory / 10, won: inventory / 20 };
  return { inFlight: 0, calls, circuits, opened: {}, hedges, outbox: 4 };
}

const noNews = { changed: 1, refused: 0, circuits: { before: [], after: [] } };
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
  policiesPath: '/tmp/holdfast-shop-AbCdEf/policies.json',
};

function shown(changes: Partial<DemoState> = {}, rows = 50): string {
  return stripVTControlCharacters(liveScreen({ ...state, ...changes }, 63_000, rows));
}

function widest(text: string): number {
  return Math.max(...text.split('\n').map((line) => line.length));
}

test('both sides stand beside each other', () => {
  const text = shown();
  expect(text).toContain('phase 3 of 10, 1:03');
  expect(text).toContain('Hanging inventory: the inventory accepts requests and never answers');
  expect(text).toMatch(/orders served +0 % +100 % \(100 % in part\)/);
  expect(text).toMatch(/the latest customers +✕{24} +▪{24}/);
  expect(text).toMatch(/calls to inventory +100 +20/);
  expect(text).toMatch(/circuits +none +inventory open, notification half-open/);
});

test.each(state.scenario.phases.map(({ id }, index) => [id, index] as const))(
  'the phase %s fits a terminal of 80 columns',
  (_id, index) => {
    const plain = metrics(150, {});
    const resilient = metrics(60, { ...closed, notification: 'half-open' });
    const greedy = { plain: tally('gave-up'), resilient: tally('limited') };
    expect(widest(shown({ index, greedy, metrics: { plain, resilient } }))).toBeLessThanOrEqual(80);
  },
);

test('hedges are counted in the phase that they are for', () => {
  expect(shown({ index: 3 })).toMatch(/reads hedged +none +2, and 1 won/);
  expect(shown()).not.toContain('hedged');
});

test('the greedy client has a row of its own', () => {
  const greedy = { plain: tally('confirmed'), resilient: tally('limited') };
  expect(shown({ greedy })).toMatch(/the greedy client +100 % served +0 % served, 100 % got a 429/);
  expect(shown()).not.toContain('greedy client');
});

test('what became of an edit of the policies has a row of its own', () => {
  const index = state.scenario.phases.findIndex(({ edits }) => edits !== undefined);
  const after = (kind: 'changed' | 'refused'): string => {
    const policies = { ...noNews, latest: { kind, text: '…' } };
    const resilient = { ...metrics(0, closed), policies };
    return shown({ metrics: { plain: metrics(0, {}), resilient } });
  };
  expect(shown({ index })).toMatch(/policies\.json +none +as at first/);
  expect(after('changed')).toMatch(/policies\.json +none +edited, and in force/);
  expect(after('refused')).toMatch(/policies\.json +none +mistake refused/);
  expect(shown()).not.toMatch(/policies\.json +none/);
  expect(shown()).toContain('to edit meanwhile: /tmp/holdfast-shop-AbCdEf/policies.json');
});

test('as many of the latest phases are shown as there is room for', () => {
  const side = { ...tally('confirmed').totals(), callsToSick: 1, opened: 0, greedy: undefined };
  const sides = {
    plain: { ...side, hedges: { started: 0, won: 0 } },
    resilient: { ...side, hedges: { started: 0, won: 0 } },
  };
  const results = state.scenario.phases
    .slice(0, 8)
    .map((phase) => ({ phase, sides, isRecovered: true }));

  expect(shown({ results }).match(/ p99 /g)).toHaveLength(2 * 8);
  const short = shown({ results }, 24);
  expect(short.split('\n').length).toBeLessThan(24);
  expect(short).toContain('Overload  ');
  expect(short).not.toContain('All is well');
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
