import { setTimeout as sleep } from 'node:timers/promises';
import { type Audit, audit } from './audit.ts';
import { type LoadOptions, runLoad } from './driver/load.ts';
import { Tally } from './driver/tally.ts';
import { Operator } from './operator/operator.ts';
import { bookPromises, phasePromises } from './promises.ts';
import type { PhaseResult, Report, SideResult } from './report.ts';
import type { Phase, Scenario } from './scenario.ts';
import type { OrderMetrics } from './services/contract.ts';
import type { Shop } from './shop.ts';
import { bySide, type BySide, bySideAsync, type SideName } from './sides.ts';

const pollMs = 200;
/** While a side recovers, a few customers come all the same: a circuit closes by calls. */
const trickle = { ordersPerSecond: 8 };
const warmUpRate = 15;
/** How long the last errands may take. */
const errandsMs = 6_000;

/** What is going on, for whoever displays it. */
export interface DemoState {
  readonly scenario: Scenario;
  /** Index of the present phase. */
  readonly index: number;
  readonly stage: 'warming-up' | 'sick' | 'recovering';
  readonly tallies: BySide<Tally>;
  /** What comes of the orders of the greedy client, where there is one. */
  readonly greedy?: BySide<Tally> | undefined;
  readonly metrics: BySide<OrderMetrics>;
  /** The metrics at the beginning of the phase. */
  readonly before: BySide<OrderMetrics>;
  /** The metrics at the moment when the sick service was cured. */
  readonly after?: BySide<OrderMetrics> | undefined;
  readonly results: readonly PhaseResult[];
  /** When the phase began, and the demonstration, in milliseconds of `performance.now()`. */
  readonly phaseStartedAt: number;
  readonly startedAt: number;
  /** Where the policies are that may be edited. */
  readonly policiesPath: string;
}

/** How a demonstration is run. */
export interface DemoOptions {
  readonly shop: Shop;
  readonly scenario: Scenario;
  readonly seed: number;
  readonly onPhaseEnd: (result: PhaseResult) => void;
}

const noMetrics: OrderMetrics = {
  inFlight: 0,
  calls: { inventory: 0, payment: 0, notification: 0 },
  circuits: {},
  opened: {},
  hedges: { started: 0, won: 0 },
  outbox: 0,
};

/** Leads the shop through the scenario, and keeps count. */
export class Demo {
  private readonly options: DemoOptions;
  private readonly allTallies: BySide<Tally>[] = [];
  private loads = 0;
  private present: DemoState;

  constructor(options: DemoOptions) {
    this.options = options;
    const now = performance.now();
    this.present = {
      scenario: options.scenario,
      index: 0,
      stage: 'warming-up',
      tallies: bySide(() => new Tally()),
      metrics: bySide(() => noMetrics),
      before: bySide(() => noMetrics),
      results: [],
      phaseStartedAt: now,
      startedAt: now,
      policiesPath: options.shop.policies.path,
    };
  }

  /** What is going on at the moment. */
  get state(): DemoState {
    return this.present;
  }

  /** Runs all phases, and checks at the end what was promised. */
  async run(): Promise<Report> {
    const { phases } = this.options.scenario;
    const stopPolling = this.startPolling();
    try {
      await this.warmUp();
      for (const [index, phase] of phases.entries()) await this.runPhase(phase, index);
      await this.waitForErrands();
    } finally {
      stopPolling();
    }
    return this.report();
  }

  /** The first requests of a process are slow ones: they are not counted. */
  private async warmUp(): Promise<void> {
    const phase = { ordersPerSecond: warmUpRate, durationMs: this.options.scenario.warmUpMs };
    await this.load(phase, { tallies: this.newTallies(), prefix: 'warm-up' });
  }

  private async runPhase(phase: Phase, index: number): Promise<void> {
    const { onPhaseEnd, shop } = this.options;
    const before = await this.readMetrics();
    const tallies = this.newTallies();
    const greedy = phase.greedyPerSecond === undefined ? undefined : this.newTallies();
    const phaseStartedAt = performance.now();
    this.update({
      index,
      stage: 'sick',
      tallies,
      greedy,
      before,
      after: undefined,
      phaseStartedAt,
    });

    await shop.onBoth((side) => phase.sickness.strike(side));
    const load = Promise.all([
      this.load(phase, { tallies, prefix: phase.id }),
      greedy && this.loadGreedily(phase, greedy),
    ]);
    const operator = phase.edits && this.operator(tallies.resilient);
    await Promise.all([sleep(phase.durationMs), phase.edits && operator?.edit(phase.edits)]);
    // Counted before the cure: what comes after it did not reach a sick service.
    const after = await this.readMetrics();
    await shop.onBoth((side) => phase.sickness.cure(side));
    this.update({ stage: 'recovering', after });
    await Promise.all([load, operator?.putBack()]);
    const isRecovered = phase.sick === undefined || (await this.recover(phase));

    const sides = bySide((side) => ({
      ...tallies[side].totals(),
      greedy: greedy?.[side].totals(),
      ...counted(phase, before[side], after[side]),
    }));
    const result = { phase, sides, isRecovered, edits: operator?.result() };
    this.update({ results: [...this.present.results, result] });
    onPhaseEnd(result);
  }

  /** Who edits the policies while customers come. */
  private operator(tally: Tally): Operator {
    const { policies: file, sides } = this.options.shop;
    return new Operator({ file, tally, metrics: () => sides.resilient.metrics() });
  }

  private newTallies(): BySide<Tally> {
    const tallies = bySide(() => new Tally());
    this.allTallies.push(tallies);
    return tallies;
  }

  /** The orders of one client who sends more than all the others together. */
  private loadGreedily(phase: Phase, tallies: BySide<Tally>): Promise<void> {
    const { durationMs, greedyPerSecond: ordersPerSecond = 0, id } = phase;
    const prefix = `${id}-greedy`;
    return this.load({ durationMs, ordersPerSecond }, { tallies, prefix, client: 'greedy' });
  }

  private load(
    phase: Pick<Phase, 'ordersPerSecond' | 'durationMs'>,
    options: Pick<LoadOptions, 'tallies' | 'prefix' | 'client' | 'signal'>,
  ): Promise<void> {
    const { scenario, seed, shop } = this.options;
    const { durationMs, ordersPerSecond } = phase;
    return runLoad({
      ...options,
      seed: seed * 1_000 + ++this.loads,
      ordersPerSecond,
      durationMs,
      patienceMs: scenario.patienceMs,
      gateways: bySide((side) => shop.sides[side].gatewayUrl),
    });
  }

  /** Waits until both sides are well again; true when the circuits were closed in time. */
  private async recover({ id }: Phase): Promise<boolean> {
    const { recoveryMs } = this.options.scenario;
    const tallies = this.newTallies();
    const controller = new AbortController();
    const { signal } = controller;
    const durationMs = recoveryMs;
    const load = this.load({ ...trickle, durationMs }, { tallies, prefix: `after-${id}`, signal });
    const end = performance.now() + recoveryMs;
    await this.until(() => isWell(this.present.metrics.resilient), end);
    // What the plain side has still to do gets no shorter by further customers.
    controller.abort();
    await load;
    await this.until(() => this.present.metrics.plain.inFlight <= 3, end);
    return areClosed(this.present.metrics.resilient);
  }

  private async waitForErrands(): Promise<void> {
    const isDone = (): boolean => {
      const { plain, resilient } = this.present.metrics;
      return resilient.outbox === 0 && plain.inFlight + resilient.inFlight === 0;
    };
    await sleep(2 * pollMs);
    await this.until(isDone, performance.now() + errandsMs);
  }

  /** Waits until something is so, but not beyond `end`. */
  private async until(isMet: () => boolean, end: number): Promise<void> {
    do await sleep(pollMs);
    while (!isMet() && performance.now() < end);
  }

  private startPolling(): () => void {
    const controller = new AbortController();
    const { signal } = controller;
    // A service that does not answer here has crashed, and whoever watches the processes says so.
    this.poll(signal).catch(() => {});
    return () => controller.abort();
  }

  private async poll(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const metrics = await this.readMetrics();
      this.update({ metrics });
      await sleep(pollMs);
    }
  }

  private readMetrics(): Promise<BySide<OrderMetrics>> {
    return bySideAsync((side) => this.options.shop.sides[side].metrics());
  }

  private update(changes: Partial<DemoState>): void {
    this.present = { ...this.present, ...changes };
  }

  private async report(): Promise<Report> {
    const { results, startedAt } = this.present;
    const audits = await bySideAsync((side) => this.audit(side));
    return {
      phases: results,
      audits,
      promises: [...results.flatMap(phasePromises), ...bookPromises(audits.resilient)],
      tookMs: performance.now() - startedAt,
    };
  }

  private async audit(name: SideName): Promise<Audit> {
    const side = this.options.shop.sides[name];
    const books = await Promise.all([side.ledger(), side.receipts(), side.orders()]);
    const [ledger, receipts, orderIds] = books;
    const confirmedIds = this.allTallies.flatMap((tallies) => tallies[name].confirmedIds);
    return audit({ confirmedIds, ledger, orderIds, receipts });
  }
}

function areClosed({ circuits }: OrderMetrics): boolean {
  return Object.values(circuits).every((state) => state === 'closed');
}

function isWell(metrics: OrderMetrics): boolean {
  return areClosed(metrics) && metrics.outbox === 0;
}

/** What the order service has counted in a phase. */
function counted(
  { sick }: Phase,
  before: OrderMetrics,
  after: OrderMetrics,
): Pick<SideResult, 'callsToSick' | 'opened' | 'hedges'> {
  const hedges = {
    started: after.hedges.started - before.hedges.started,
    won: after.hedges.won - before.hedges.won,
  };
  if (sick === undefined) return { callsToSick: undefined, opened: 0, hedges };
  return {
    callsToSick: after.calls[sick] - before.calls[sick],
    opened: (after.opened[sick] ?? 0) - (before.opened[sick] ?? 0),
    hedges,
  };
}
