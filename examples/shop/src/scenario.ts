import { killed } from './faults/killed.ts';
import { nothing, type Sickness } from './faults/sickness.ts';
import { switched } from './faults/switched.ts';
import type { Edits } from './operator/operator.ts';
import type { Dependency } from './services/contract.ts';

/** What the resilient side promises for a phase. */
export interface PhasePromise {
  /** At least this share of the orders is served. */
  readonly successRate: number;
  /** 99 % of the customers wait no longer. */
  readonly p99Ms: number;
  /** No more calls than these reach the sick service: so many at first, and so many a second. */
  readonly calls?: { readonly first: number; readonly perSecond: number } | undefined;
  /** The circuit to the sick service opens. */
  readonly opens?: boolean | undefined;
  /** 99 % of the customers wait no longer than this share of the wait on the plain side. */
  readonly p99Share?: number | undefined;
  /** At most this share of the orders is served in part only. */
  readonly degradedShare?: number | undefined;
  /** At least this share of the orders has its stock from a hedge. */
  readonly hedgedShare?: number | undefined;
  /** So many reads of the stock there are for an order at most, hedges and retries included. */
  readonly callsPerOrder?: number | undefined;
  /** At least this share of what the greedy client sends gets a 429, each with a time to come back. */
  readonly limitedShare?: number | undefined;
  /** What is promised of the edits of `policies.json`. */
  readonly edits?: EditPromise | undefined;
}

/** What is promised where `policies.json` is edited; also that no open circuit is forgotten. */
export interface EditPromise {
  /** So long at most it takes from saving the file until calls go by it. */
  readonly inForceMs: number;
  /** At least this share of the orders is served in full once the edit has helped. */
  readonly inFullShare: number;
}

/** One thing that goes wrong, for a while. */
export interface Phase {
  readonly id: string;
  readonly title: string;
  /** What happens, for whoever watches. */
  readonly story: string;
  /** The service that is sick. */
  readonly sick?: Dependency | undefined;
  readonly sickness: Sickness;
  readonly durationMs: number;
  readonly ordersPerSecond: number;
  /** So many orders a second come from a single client beside the others. */
  readonly greedyPerSecond?: number | undefined;
  /** What somebody does to `policies.json` meanwhile. */
  readonly edits?: Edits | undefined;
  readonly promise: PhasePromise;
}

/** A whole demonstration. */
export interface Scenario {
  readonly phases: readonly Phase[];
  /** How long a customer waits for an answer before he gives up. */
  readonly patienceMs: number;
  /** How long both sides may take to recover after a phase. */
  readonly recoveryMs: number;
  /** How long the services are warmed up. */
  readonly warmUpMs: number;
}

/** The pace of a demonstration. */
interface Pace {
  readonly calmMs: number;
  readonly sickMs: number;
  /** A phase in which the policies are edited: two edits take their time. */
  readonly editMs: number;
  readonly patienceMs: number;
  readonly recoveryMs: number;
  readonly warmUpMs: number;
}

const full: Pace = {
  calmMs: 6_000,
  sickMs: 8_000,
  editMs: 9_000,
  patienceMs: 3_000,
  recoveryMs: 9_000,
  warmUpMs: 2_500,
};
const quick: Pace = {
  calmMs: 1_500,
  sickMs: 3_000,
  editMs: 5_500,
  patienceMs: 1_500,
  recoveryMs: 3_000,
  warmUpMs: 1_500,
};

const ordersPerSecond = 10;
/** The inventory can answer 25 a second, both instances together. */
const rushPerSecond = 50;
/** A client of the others sends one order in two or three seconds. */
const greedyPerSecond = 40;

const calls = { first: 30, perSecond: 4 };

const inventories = ['inventory', 'replica'] as const;

/** The patience that an inventory needs which takes 400 ms, and a circuit that opens later. */
const patient = {
  'templates.attempt.afterMs': 900,
  'templates.places.maxConcurrent': 6,
  'templates.circuit.failureRatio': 0.8,
  'policies.stock.0.afterMs': 1_200,
};
/** One letter is wrong. */
const mistaken = { ...patient, 'templates.attempt': { type: 'timeout', afterMS: 900 } };

function phasesAt({ calmMs, editMs, sickMs }: Pace): readonly Phase[] {
  const calm = { sickness: nothing, durationMs: calmMs, ordersPerSecond };
  const sick = { durationMs: sickMs, ordersPerSecond };
  return [
    {
      ...calm,
      id: 'healthy',
      title: 'All is well',
      story: 'every service is in good health',
      promise: { successRate: 0.99, p99Ms: 1_500 },
    },
    {
      ...sick,
      id: 'slow-inventory',
      title: 'Slow inventory',
      story: 'the inventory takes more than a second for every answer',
      sick: 'inventory',
      sickness: switched(inventories, { kind: 'slow', latencyMs: 1_200 }),
      promise: { successRate: 0.99, p99Ms: 1_500, calls, opens: true },
    },
    {
      ...sick,
      id: 'hanging-inventory',
      title: 'Hanging inventory',
      story: 'the inventory accepts requests and never answers',
      sick: 'inventory',
      sickness: switched(inventories, { kind: 'hang' }),
      promise: { successRate: 0.99, p99Ms: 1_500, calls, opens: true },
    },
    {
      ...sick,
      id: 'slow-replica',
      title: 'Slow replica',
      story: 'one of two inventories takes 2 s for every fourth answer',
      sick: 'inventory',
      sickness: switched(['replica'], { kind: 'slow', latencyMs: 2_000, every: 4 }),
      promise: {
        successRate: 0.99,
        p99Ms: 1_500,
        p99Share: 0.5,
        hedgedShare: 0.03,
        callsPerOrder: 1.75,
      },
    },
    {
      ...sick,
      id: 'failing-payment',
      title: 'Failing payment',
      story: '15 % get a 500; 15 % are charged, but the answer is lost',
      sick: 'payment',
      sickness: switched(['payment'], { kind: 'fail', errorShare: 0.15, resetShare: 0.15 }),
      promise: { successRate: 0.95, p99Ms: 1_500 },
    },
    {
      ...sick,
      id: 'dead-notification',
      title: 'Dead notification',
      story: 'the process that sends receipts has been killed',
      sick: 'notification',
      sickness: killed('notification'),
      promise: { successRate: 0.99, p99Ms: 1_500, opens: true },
    },
    {
      ...sick,
      id: 'greedy-client',
      title: 'Greedy client',
      story: `one client sends ${greedyPerSecond} orders a second, all others ${ordersPerSecond}`,
      sick: 'inventory',
      sickness: nothing,
      greedyPerSecond,
      promise: { successRate: 0.99, p99Ms: 1_500, degradedShare: 0.3, limitedShare: 0.5 },
    },
    {
      id: 'overload',
      title: 'Overload',
      story: `${rushPerSecond} orders a second, where the inventory can answer 25`,
      sick: 'inventory',
      sickness: nothing,
      durationMs: sickMs,
      ordersPerSecond: rushPerSecond,
      promise: { successRate: 0.98, p99Ms: 1_500 },
    },
    {
      id: 'live-edit',
      title: 'Live edit',
      story: 'the inventory takes 400 ms; somebody edits policies.json',
      sick: 'inventory',
      sickness: switched(inventories, { kind: 'slow', latencyMs: 400 }),
      durationMs: editMs,
      ordersPerSecond,
      edits: { good: patient, mistaken },
      promise: {
        successRate: 0.99,
        p99Ms: 1_500,
        edits: { inForceMs: 3_000, inFullShare: 0.7 },
      },
    },
    {
      ...calm,
      id: 'recovered',
      title: 'Well again',
      story: 'everything works again, on both sides',
      promise: { successRate: 0.99, p99Ms: 1_500 },
    },
  ];
}

/** The demonstration: about 110 seconds, or about 45 when it has to be quick. */
export function scenario({ isQuick }: { readonly isQuick: boolean }): Scenario {
  const pace = isQuick ? quick : full;
  const { patienceMs, recoveryMs, warmUpMs } = pace;
  return { phases: phasesAt(pace), patienceMs, recoveryMs, warmUpMs };
}
