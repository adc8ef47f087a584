import {
  circuitBreaker,
  type CircuitBreaker,
  type CircuitMode,
  type CircuitPermit,
  countWindow,
  failuresWithin,
  type Isolation,
} from '@holdfast/circuit-breaker';
import { compose, type Pipeline } from '@holdfast/policy';
import { timeout } from '@holdfast/timeout';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import {
  array,
  assert,
  asyncProperty,
  constant,
  constantFrom,
  integer,
  oneof,
  record,
} from 'fast-check';
import { expect, test } from 'vitest';
import { down } from './calls.ts';

type End = 'success' | 'failure' | 'ignored';

type Step =
  | { readonly do: 'call' | 'acquire' }
  | { readonly do: 'settle'; readonly which: number; readonly end: End }
  | { readonly do: 'abort'; readonly which: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'isolate' | 'reset' }
  | { readonly do: 'release'; readonly which: number }
  | { readonly do: 'configure'; readonly calls: number; readonly failures: number }
  | { readonly do: 'mode'; readonly mode: CircuitMode };

const which = integer({ min: 0, max: 9 });
const end = constantFrom<End>('success', 'failure', 'ignored');
const settle = record({ do: constant('settle' as const), which, end });
const fails = record({ do: constant('settle' as const), which, end: constant('failure' as const) });
const advance = constantFrom(1, 20, 50, 100, 100, 150);
const configure = record({
  do: constant('configure' as const),
  calls: integer({ min: 1, max: 3 }),
  failures: integer({ min: 2, max: 4 }),
});
const modes = constantFrom<CircuitMode>('enforce', 'enforce', 'shadow', 'disabled');
const step = oneof(
  { weight: 24, arbitrary: constantFrom<Step>({ do: 'call' }, { do: 'acquire' }) },
  { weight: 12, arbitrary: settle },
  { weight: 12, arbitrary: fails },
  { weight: 3, arbitrary: record({ do: constant('abort' as const), which }) },
  { weight: 12, arbitrary: record({ do: constant('advance' as const), ms: advance }) },
  { weight: 1, arbitrary: constantFrom<Step>({ do: 'isolate' }, { do: 'reset' }) },
  { weight: 2, arbitrary: record({ do: constant('release' as const), which }) },
  { weight: 2, arbitrary: configure },
  { weight: 1, arbitrary: record({ do: constant('mode' as const), mode: modes }) },
);
const steps = array(step, { maxLength: 120, size: 'max' });

const breakMs = 100;
const probeTimeoutMs = 150;
const timeoutMs = 1_000;
const windowMs = 200;
const size = 6;

/** A breaker written down naively: it keeps every result, and recounts all of them each time. */
class Model {
  state = 'closed';
  mode: CircuitMode = 'enforce';
  isolations = 0;
  calls = 2;
  failures = 3;
  rejected = 0;
  until = 0;
  openedAt = 0;
  /** One object per period: what it admitted belongs to it alone. */
  period: object = {};
  results: { at: number; isFailure: boolean }[] = [];
  /** The probes of this half-open period that have a permit, and how they ended. */
  probes: { end: End | undefined }[] = [];

  enterState(state: string): void {
    this.state = state;
    this.period = {};
    this.probes = [];
    if (state === 'closed') this.results = [];
  }

  /** How a call that is let in settles later; `undefined` if it does not count; or `'refused'`. */
  admit(now: number): ((end: End, at: number) => void) | 'refused' | undefined {
    if (this.mode === 'disabled') return undefined;
    if (this.state === 'open' && now >= this.until) this.enterState('half-open');
    if (this.state === 'closed') return this.settler(undefined);
    if (this.state === 'half-open' && this.probes.length < this.calls) {
      const probe = { end: undefined };
      this.probes.push(probe);
      this.until = now + probeTimeoutMs;
      return this.settler(probe);
    }
    if (this.state === 'half-open' && now >= this.until) this.open(now);
    this.rejected++;
    return this.mode === 'shadow' ? undefined : 'refused';
  }

  private settler(probe: { end: End | undefined } | undefined): (end: End, at: number) => void {
    const { period } = this;
    return (result, at) => {
      if (this.period !== period) return;
      if (probe === undefined) this.count(result, at);
      else {
        probe.end = result;
        this.probes = this.probes.filter((each) => each.end !== 'ignored');
        this.decide(at);
      }
    };
  }

  private count(result: End, at: number): void {
    if (result === 'ignored') return;
    this.results.push({ at, isFailure: result === 'failure' });
    if (result !== 'failure') return;
    const ofLast = this.results.slice(-size).filter(({ isFailure }) => isFailure).length;
    const part = (time: number): number => Math.floor(time / (windowMs / 10));
    const inWindow = this.results.filter(
      (each) => each.isFailure && part(each.at) > part(at) - 10,
    ).length;
    if (ofLast >= this.failures || inWindow >= this.failures - 1) this.open(at);
  }

  decide(now: number): void {
    if (this.state !== 'half-open') return;
    const succeeded = this.probes.filter((probe) => probe.end === 'success').length;
    const failed = this.probes.filter((probe) => probe.end === 'failure').length;
    if (succeeded >= this.calls) this.enterState('closed');
    else if (failed > 0) this.open(now);
  }

  private open(now: number): void {
    this.enterState('open');
    this.openedAt = now;
    this.until = now + breakMs;
  }

  setMode(mode: CircuitMode): void {
    if (mode === 'disabled' && this.mode !== 'disabled') {
      this.period = {};
      if (this.state === 'half-open') {
        this.state = 'open';
        this.until = this.openedAt;
      }
    }
    this.mode = mode;
  }

  isolate(): void {
    this.isolations++;
    if (this.state !== 'isolated') this.enterState('isolated');
  }

  release(): void {
    this.isolations--;
    if (this.isolations === 0) this.enterState('closed');
  }
}

/** A call in flight, in the breaker and in the model. */
interface Flight {
  readonly settle: (end: End) => Promise<void>;
  readonly abort: () => Promise<void>;
  readonly tell: ((end: End, at: number) => void) | undefined;
  readonly dueAt: number;
  isCut: boolean;
}

const ignored = new Error('says nothing');
const trips = (failures: number) => [
  countWindow({ failures, size }),
  failuresWithin({ failures: failures - 1, windowMs }),
];

class World {
  readonly clock: VirtualClock = virtualClock();
  readonly model: Model = new Model();
  readonly breaker: CircuitBreaker = circuitBreaker({
    trip: trips(3),
    halfOpenAfterMs: breakMs,
    halfOpenCalls: 2,
    probeTimeoutMs,
    isFailure: (outcome) => (outcome.ok ? false : outcome.error === ignored ? 'ignore' : true),
    clock: this.clock,
  });
  readonly pipeline: Pipeline = compose(
    timeout({ afterMs: timeoutMs, clock: this.clock }),
    this.breaker,
  );
  flights: Flight[] = [];
  isolations: Isolation[] = [];

  async run(next: Step): Promise<void> {
    const { model, breaker, clock } = this;
    if (next.do === 'call') this.call();
    else if (next.do === 'acquire') this.acquire();
    else if (next.do === 'settle') await this.settle(next.which, next.end);
    else if (next.do === 'abort') await this.abort(next.which);
    else if (next.do === 'advance') await this.advance(next.ms);
    else if (next.do === 'isolate') {
      this.isolations.push(breaker.isolate());
      model.isolate();
    } else if (next.do === 'reset') {
      breaker.reset();
      if (model.state === 'closed') model.results = [];
      else if (model.state !== 'isolated') model.enterState('closed');
    } else if (next.do === 'release') {
      const [isolation] = this.isolations.splice(next.which % (this.isolations.length || 1), 1);
      if (isolation === undefined) return;
      isolation.release();
      isolation.release();
      model.release();
    } else if (next.do === 'configure') {
      breaker.configure({ halfOpenCalls: next.calls, trip: trips(next.failures) });
      model.calls = next.calls;
      model.failures = next.failures;
      model.decide(clock.now());
    } else if (next.do === 'mode') {
      breaker.configure({ mode: next.mode });
      model.setMode(next.mode);
    }
  }

  private call(): void {
    const { clock } = this;
    const expected = this.model.admit(clock.now());
    const work = Promise.withResolvers<string>();
    const caller = new AbortController();
    let isCalled = false;
    const outcome = this.pipeline.outcome(
      () => {
        isCalled = true;
        return work.promise;
      },
      { signal: caller.signal },
    );
    expect(isCalled).toBe(expected !== 'refused');
    if (expected === 'refused') return;
    this.flights.push({
      settle: async (result) => {
        if (result === 'success') work.resolve('ok');
        else work.reject(result === 'failure' ? down : ignored);
        await outcome;
        await clock.flush();
      },
      abort: async () => {
        caller.abort();
        await outcome;
      },
      tell: expected,
      dueAt: clock.now() + timeoutMs,
      isCut: false,
    });
  }

  private acquire(): void {
    const expected = this.model.admit(this.clock.now());
    const permit = this.breaker.tryAcquire();
    expect(permit === undefined).toBe(expected === 'refused');
    if (permit === undefined || expected === 'refused') return;
    const settlePermit = async (result: End): Promise<void> => settleBy(permit, result);
    const abort = (): Promise<void> => settlePermit('ignored');
    this.flights.push({
      settle: settlePermit,
      abort,
      tell: expected,
      dueAt: Number.POSITIVE_INFINITY,
      isCut: false,
    });
  }

  private async settle(index: number, result: End): Promise<void> {
    const [flight] = this.flights.splice(index % (this.flights.length || 1), 1);
    if (flight === undefined) return;
    if (!flight.isCut) flight.tell?.(result, this.clock.now());
    await flight.settle(result);
  }

  private async abort(index: number): Promise<void> {
    const flight = this.flights[index % (this.flights.length || 1)];
    if (flight === undefined || flight.isCut) return;
    flight.isCut = true;
    flight.tell?.('ignored', this.clock.now());
    await flight.abort();
  }

  private async advance(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    for (const flight of this.flights) {
      if (flight.isCut || flight.dueAt > until) continue;
      flight.isCut = true;
      flight.tell?.('failure', flight.dueAt);
    }
    await this.clock.advance(ms);
  }

  compare(): void {
    const { model, clock } = this;
    const { state, mode, isolations, rejected, retryAfterMs } = this.breaker.metrics;
    const { state: expected } = model;
    expect({ state, mode, isolations, rejected, retryAfterMs }).toEqual({
      state: expected,
      mode: model.mode,
      isolations: model.isolations,
      rejected: model.rejected,
      retryAfterMs: expected === 'open' ? Math.max(0, model.until - clock.now()) : undefined,
    });
  }
}

function settleBy(permit: CircuitPermit, result: End): void {
  if (result === 'success') permit.succeed();
  else if (result === 'failure') permit.fail(down);
  else permit.ignore();
  permit.fail(down);
}

test('behaves as a naive model does, whatever the order of calls, ends, cuts and commands', async () => {
  await assert(
    asyncProperty(steps, async (list) => {
      const world = new World();
      for (const each of list) {
        await world.run(each);
        world.compare();
      }
    }),
    { numRuns: 400 },
  );
});
