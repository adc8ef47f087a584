import type { EventEmitter } from 'node:events';
import { CircuitBreaker } from '@holdfast/interop/opossum';
import Opossum from 'opossum';
import { expect, vi } from 'vitest';
import { LateCalls, withoutUnusedLatencies } from './differences.ts';

/** What an action does: after so many milliseconds, or at once where that is undefined. */
export interface Plan {
  readonly ends: 'succeed' | 'fail' | 'filtered' | 'throw';
  readonly afterMs?: number | undefined;
  /** What it asks for, for caches. */
  readonly key?: string | undefined;
}

type Action = (plan: Plan, id: number) => Promise<string>;
export type Options = CircuitBreaker.Options<[Plan, number]>;
export type Fallback = (plan: Plan, id: number, error?: Error) => unknown;

/** What both classes have, as far as the tests use it. */
export interface Breaker extends Pick<CircuitBreaker<[Plan, number], string>, Getter | Method> {
  readonly status: EventEmitter & { readonly window: readonly object[]; readonly stats: object };
}
type Getter = (typeof getters)[number] | 'stats';
type Method =
  | 'fire'
  | 'call'
  | 'open'
  | 'close'
  | 'enable'
  | 'disable'
  | 'shutdown'
  | 'clearCache'
  | 'healthCheck'
  | 'toJSON'
  | 'getSignal'
  | 'getAbortController';

const getters = [
  'name',
  'group',
  'enabled',
  'opened',
  'closed',
  'halfOpen',
  'pendingClose',
  'warmUp',
  'isShutdown',
  'volumeThreshold',
] as const;

const eventNames = [
  'fire',
  'cacheHit',
  'cacheMiss',
  'coalesceCacheHit',
  'coalesceCacheMiss',
  'reject',
  'timeout',
  'success',
  'semaphoreLocked',
  'failure',
  'fallback',
  'open',
  'halfOpen',
  'close',
  'healthCheckFailed',
  'shutdown',
] as const;

/** One of the two breakers of a pair, and all that has been seen of it. */
export interface Side {
  readonly breaker: Breaker;
  readonly events: unknown[][];
  readonly answers: Map<number, unknown>;
  /** How often each call has run. */
  readonly runs: number[];
  /** Called each time the action is. */
  readonly hooks: ((id: number) => void)[];
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Makes the action of one side. */
function actionOf(began: (id: number) => void): Action {
  const end = ({ ends }: Plan, id: number): string => {
    if (ends === 'succeed') return `value ${id}`;
    throw Object.assign(new Error(`${ends} ${id}`), { isFiltered: ends === 'filtered' });
  };
  return function readStock(plan, id) {
    began(id);
    const { afterMs } = plan;
    if (plan.ends === 'throw') throw new Error(`at once ${id}`);
    if (afterMs !== undefined) return sleep(afterMs).then(() => end(plan, id));
    return Promise.resolve().then(() => end(plan, id));
  };
}

/** A value as it is compared: errors by what they say, promises by being some. */
export function shown(value: unknown): unknown {
  if (value instanceof Error) return { message: value.message, code: (value as never)['code'] };
  if (value instanceof Promise) return 'a promise';
  return Array.isArray(value) ? value.map(shown) : value;
}

/** How a pair is made. */
export interface PairOptions {
  readonly options?: Options | undefined;
  readonly fallback?: Fallback | undefined;
}

/** The same breaker twice: of opossum, and of ours. */
export class Pair {
  readonly theirs: Side;
  readonly ours: Side;
  /** Where theirs does what ours does otherwise. */
  readonly late: LateCalls;
  private readonly keepsLatencies: boolean;
  private calls = 0;

  constructor({ options = {}, fallback }: PairOptions = {}) {
    this.theirs = side((action) => {
      // Theirs writes to its options.
      const breaker = new Opossum(action, { ...options } as Opossum.Options<[Plan, number]>);
      if (fallback !== undefined) breaker.fallback(fallback);
      return breaker as unknown as Breaker;
    });
    this.ours = side((action) => {
      const breaker = new CircuitBreaker(action, options);
      if (fallback !== undefined) breaker.fallback(fallback);
      return breaker;
    });
    this.keepsLatencies = options.rollingPercentilesEnabled !== false;
    this.late = new LateCalls(this.theirs);
    this.theirs.hooks.push((id) => this.late.began(id));
  }

  get sides(): readonly Side[] {
    return [this.theirs, this.ours];
  }

  /** Does the same with both. */
  both(act: (breaker: Breaker, side: Side) => void): void {
    for (const each of this.sides) act(each.breaker, each);
  }

  /** Makes the same call with both, without waiting for it; its answers are noted. */
  fire(plan: Plan): void {
    const id = this.calls++;
    this.both((breaker, { answers }) => {
      fired(breaker, plan, id).then(
        (value) => answers.set(id, { value }),
        (error: unknown) => answers.set(id, { error: shown(error) }),
      );
    });
  }

  async advance(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
  }

  /** Lets what is under way react. */
  async settle(): Promise<void> {
    await vi.advanceTimersByTimeAsync(0);
  }

  /** Fails where the two have differed. */
  compare(): void {
    const [theirs, ours] = this.sides.map((each) => seen(each, this.keepsLatencies));
    expect(ours).toEqual(theirs);
  }

  /** Stops what theirs would leave running. */
  end(): void {
    this.both((breaker) => breaker.shutdown());
  }
}

/** Calls a breaker. What it throws at the caller, as theirs does, becomes a rejection. */
async function fired(breaker: Breaker, plan: Plan, id: number): Promise<string> {
  return breaker.fire(plan, id);
}

function side(make: (action: Action) => Breaker): Side {
  const runs: number[] = [];
  const events: unknown[][] = [];
  const hooks: ((id: number) => void)[] = [(id) => runs.push(id)];
  const breaker = make(actionOf((id) => hooks.forEach((hook) => hook(id))));
  const emitter = breaker as unknown as EventEmitter;
  for (const name of eventNames) {
    emitter.on(name, (...args: unknown[]) => events.push([name, ...args.map(shown)]));
  }
  return { breaker, events, runs, hooks, answers: new Map() };
}

function seen({ breaker, events, answers, runs }: Side, keepsLatencies: boolean): object {
  return {
    events,
    runs,
    answers: [...answers.entries()].toSorted(([a], [b]) => a - b),
    state: Object.fromEntries(getters.map((name) => [name, breaker[name]])),
    stats: breaker.stats,
    window: withoutUnusedLatencies(breaker.status.window, keepsLatencies),
  };
}
