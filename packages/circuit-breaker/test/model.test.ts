import {
  circuitBreaker,
  type CircuitBreaker,
  type CircuitMode,
  type CircuitPermit,
  type CircuitSnapshot,
  countWindow,
  failuresWithin,
  type Isolation,
  ramp,
  restoreSnapshot,
  takeSnapshot,
  waitForProbe,
} from '@holdfast/circuit-breaker';
import { compose, type Outcome, type Pipeline } from '@holdfast/policy';
import { timeout } from '@holdfast/timeout';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import {
  array,
  assert,
  asyncProperty,
  boolean,
  constant,
  constantFrom,
  integer,
  oneof,
  record,
} from 'fast-check';
import { expect, test } from 'vitest';
import { down } from './calls.ts';
import {
  type Abilities,
  breakMs,
  type End,
  initialShare,
  maxQueued,
  Model,
  probeTimeoutMs,
  rampMs,
  type Saved,
  size,
  type Tell,
  timeoutMs,
  windowMs,
} from './model.ts';

type Step =
  | { readonly do: 'call' | 'acquire' }
  | { readonly do: 'settle'; readonly which: number; readonly end: End }
  | { readonly do: 'abort'; readonly which: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'isolate' | 'reset' }
  | { readonly do: 'release'; readonly which: number }
  | { readonly do: 'configure'; readonly calls: number; readonly failures: number }
  | { readonly do: 'mode'; readonly mode: CircuitMode }
  | { readonly do: 'save' | 'restore' };

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
  { weight: 3, arbitrary: constantFrom<Step>({ do: 'save' }, { do: 'restore' }) },
);
const steps = array(step, { maxLength: 120, size: 'max' });

/** A call in flight, in the breaker and in the model. */
interface Flight {
  /** What the model has to hear of its end; undefined if it does not count, or waits. */
  tell: Tell | undefined;
  readonly settle: (end: End) => Promise<void>;
  readonly abort: () => Promise<void>;
  readonly isCalled: () => boolean;
  readonly dueAt: number;
  /** It waits for the probes, in the model. */
  isWaiting: boolean;
  isCut: boolean;
}

const ignored = new Error('says nothing');
const trips = (failures: number) => [
  countWindow({ failures, size }),
  failuresWithin({ failures: failures - 1, windowMs }),
];

class World {
  readonly clock: VirtualClock = virtualClock();
  readonly model: Model;
  readonly breaker: CircuitBreaker;
  readonly pipeline: Pipeline;
  flights: Flight[] = [];
  isolations: Isolation[] = [];
  saved: { readonly snapshot: CircuitSnapshot; readonly model: Saved } | undefined;

  constructor({ waits, ramps }: Abilities) {
    const { clock } = this;
    this.model = new Model({ waits, ramps });
    this.breaker = circuitBreaker({
      trip: trips(3),
      halfOpenAfterMs: breakMs,
      halfOpenCalls: 2,
      probeTimeoutMs,
      isFailure: (outcome) => (outcome.ok ? false : outcome.error === ignored ? 'ignore' : true),
      clock,
      ...(waits ? { whenProbing: waitForProbe({ maxQueued }) } : {}),
      ...(ramps ? { ramp: ramp({ durationMs: rampMs, initialShare }) } : {}),
    });
    this.pipeline = compose(timeout({ afterMs: timeoutMs, clock }), this.breaker);
  }

  async run(next: Step): Promise<void> {
    const { model, breaker, clock } = this;
    if (next.do === 'call') this.call();
    else if (next.do === 'acquire') this.acquire();
    else if (next.do === 'settle') await this.settle(next.which, next.end);
    else if (next.do === 'abort') await this.abort(next.which);
    else if (next.do === 'advance') await this.advance(next.ms);
    else if (next.do === 'release') this.release(next.which);
    else if (next.do === 'isolate') {
      this.isolations.push(breaker.isolate());
      model.isolate();
    } else if (next.do === 'reset') {
      breaker.reset();
      model.reset();
    } else if (next.do === 'configure') {
      breaker.configure({ halfOpenCalls: next.calls, trip: trips(next.failures) });
      model.calls = next.calls;
      model.failures = next.failures;
      model.decide(clock.now());
    } else if (next.do === 'mode') {
      breaker.configure({ mode: next.mode });
      model.setMode(next.mode);
    } else if (next.do === 'save') {
      const epochMs = (): number => clock.now();
      const text = JSON.stringify(takeSnapshot(breaker, { epochMs }));
      this.saved = { snapshot: JSON.parse(text) as CircuitSnapshot, model: model.save() };
    } else if (next.do === 'restore' && this.saved !== undefined) {
      restoreSnapshot(breaker, this.saved.snapshot, { epochMs: () => clock.now() });
      model.restore(this.saved.model);
    }
    model.settleWaiting(clock.now());
    await clock.flush();
  }

  private release(index: number): void {
    const [isolation] = this.isolations.splice(index % (this.isolations.length || 1), 1);
    if (isolation === undefined) return;
    isolation.release();
    isolation.release();
    this.model.release();
  }

  private call(): void {
    const { clock } = this;
    const work = Promise.withResolvers<string>();
    const caller = new AbortController();
    let isCalled = false;
    const expected = this.model.admit(clock.now(), true);
    const outcome: Promise<Outcome<unknown>> = this.pipeline.outcome(
      () => {
        isCalled = true;
        return work.promise;
      },
      { signal: caller.signal },
    );
    expect(isCalled).toBe(expected !== 'refused' && expected !== 'wait');
    if (expected === 'refused') return;
    const flight: Flight = {
      tell: expected === 'wait' ? undefined : expected,
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
      isCalled: () => isCalled,
      dueAt: clock.now() + timeoutMs,
      isWaiting: expected === 'wait',
      isCut: false,
    };
    this.flights.push(flight);
    if (expected === 'wait') this.model.wait(flight, (verdict) => this.wake(flight, verdict));
  }

  /** The model has decided on a call that waited. */
  private wake(flight: Flight, verdict: Tell | 'refused' | undefined): void {
    flight.isWaiting = false;
    if (verdict === 'refused') this.drop(flight);
    else flight.tell = verdict;
  }

  private drop(flight: Flight): void {
    this.flights = this.flights.filter((each) => each !== flight);
  }

  private acquire(): void {
    const expected = this.model.admit(this.clock.now(), false);
    const permit = this.breaker.tryAcquire();
    expect(permit === undefined).toBe(expected === 'refused');
    if (permit === undefined || expected === 'refused' || expected === 'wait') return;
    const settlePermit = async (result: End): Promise<void> => settleBy(permit, result);
    this.flights.push({
      tell: expected,
      settle: settlePermit,
      abort: (): Promise<void> => settlePermit('ignored'),
      isCalled: () => true,
      dueAt: Number.POSITIVE_INFINITY,
      isWaiting: false,
      isCut: false,
    });
  }

  private async settle(index: number, result: End): Promise<void> {
    const flight = this.flights[index % (this.flights.length || 1)];
    if (flight === undefined || flight.isWaiting) return;
    this.drop(flight);
    const { tell, isCut } = flight;
    if (!isCut) tell?.(result, this.clock.now());
    // Before those that waited go on in the breaker, since then the model has to know them.
    this.model.settleWaiting(this.clock.now());
    await flight.settle(result);
  }

  private async abort(index: number): Promise<void> {
    const flight = this.flights[index % (this.flights.length || 1)];
    if (flight === undefined || flight.isCut) return;
    this.cut(flight, 'ignored', this.clock.now());
    await flight.abort();
  }

  /** Somebody stops waiting for a call. */
  private cut(flight: Flight, result: End, now: number): void {
    flight.isCut = true;
    if (flight.isWaiting) {
      this.model.leave(flight);
      this.drop(flight);
    } else flight.tell?.(result, now);
    this.model.settleWaiting(now);
  }

  private async advance(ms: number): Promise<void> {
    const { model, clock } = this;
    const until = clock.now() + ms;
    // What happens on the way, in the order of time: no two kinds of it happen at the same instant.
    for (;;) {
      const due = this.flights.filter(({ isCut }) => !isCut);
      const dueAt = Math.min(...due.map((flight) => flight.dueAt));
      const hangsAt = model.hangsAt();
      const at = Math.min(dueAt, hangsAt);
      if (at > until) break;
      const flight = due.find((each) => each.dueAt === at);
      if (flight === undefined) model.hang(at);
      else this.cut(flight, 'failure', at);
      model.settleWaiting(at);
    }
    await clock.advance(ms);
  }

  compare(): void {
    const { model, clock } = this;
    const { metrics } = this.breaker;
    const { state, mode, isolations, rejected, retryAfterMs, openings, queued, admittedShare } =
      metrics;
    const told = { state, mode, isolations, rejected, retryAfterMs, openings };
    expect({ ...told, queued: queued ?? 0, admittedShare }).toEqual({
      state: model.state,
      mode: model.mode,
      isolations: model.isolations,
      rejected: model.rejected,
      retryAfterMs: model.state === 'open' ? Math.max(0, model.until - clock.now()) : undefined,
      openings: model.openings,
      queued: model.waiting.length,
      admittedShare: model.share(clock.now()),
    });
    for (const flight of this.flights) {
      if (!flight.isCut) expect(flight.isCalled()).toBe(!flight.isWaiting);
    }
  }
}

function settleBy(permit: CircuitPermit, result: End): void {
  if (result === 'success') permit.succeed();
  else if (result === 'failure') permit.fail(down);
  else permit.ignore();
  permit.fail(down);
}

const abilities = record({ waits: boolean(), ramps: boolean() });

test('behaves as a naive model does, whatever the order of calls, ends, cuts and commands', async () => {
  await assert(
    asyncProperty(abilities, steps, async (able, list) => {
      const world = new World(able);
      for (const each of list) {
        await world.run(each);
        world.compare();
      }
    }),
    { numRuns: 800 },
  );
});
