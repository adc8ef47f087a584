import {
  admitted,
  type Clock,
  deadlineHeap,
  type EnterVerdict,
  type ExitVerdict,
  invalidOption,
  LayeredPolicy,
  type Operation,
  parked,
  pass,
  type Plan,
  refused,
  type Run,
  systemClock,
  type Topic,
} from '@holdfast/policy';
import { Flight, flightKey } from './flight.ts';
import { type FlightHost, Inside } from './inside.ts';
import type { CoalesceOptions } from './options.ts';
import { limitOf } from './wait-limit.ts';

/** The topics that a policy with flights has at least. */
interface FlightTopics {
  readonly coalesced: Topic;
  readonly abandoned: Topic;
}

/**
 * One execution per key at a time, on behalf of all who ask for that key. Each of them waits for it
 * parked, and can leave as from any other wait; the flight ends when the last one has left.
 */
export abstract class SharedFlights<R, Events>
  extends LayeredPolicy<never, R, Events>
  implements FlightHost
{
  override readonly clock: Clock;
  protected abstract readonly topics: FlightTopics;
  protected readonly flights: Map<string, Flight> = new Map();
  protected readonly whenAbandoned: 'abort' | 'finish';
  private readonly insides: WeakMap<Plan, Inside> = new WeakMap();
  private readonly keyOf: CoalesceOptions<R>['key'];
  private readonly clone: CoalesceOptions<R>['clone'];

  constructor(name: string, options: CoalesceOptions<R>) {
    super(name);
    this.clock = options.clock ?? systemClock;
    this.keyOf = options.key;
    this.clone = options.clone;
    this.whenAbandoned = options.whenAbandoned ?? 'abort';
  }

  /** A caller is let go at once, whatever the flight does. */
  override get detaches(): boolean {
    return true;
  }

  // --- Coming in ----------------------------------------------------------------------------------

  enter(run: Run, at: number): EnterVerdict {
    let key: unknown;
    try {
      key = this.keyOf(run);
    } catch (error) {
      run.answer(false, error);
      return refused;
    }
    if (typeof key === 'string') return this.enterWith(run, at, key);
    if (key === undefined) return admitted;
    run.answer(false, invalidOption('key', 'a string or undefined', key, TypeError));
    return refused;
  }

  protected abstract enterWith(run: Run, at: number, key: string): EnterVerdict;

  /** Joins the flight of the key, or begins one and returns undefined. */
  protected board(run: Run, at: number, key: string): EnterVerdict | undefined {
    const flight = this.flights.get(key);
    if (flight === undefined) {
      const begun = new Flight(key, false);
      this.join(run, at, begun);
      this.takeOff(run, at, begun);
      return undefined;
    }
    if (flight.isAround(run)) return admitted;
    this.join(run, at, flight);
    const { coalesced } = this.topics;
    if (this.isHeard(coalesced)) this.tell(coalesced, { key, waiting: flight.waiters.size });
    return parked;
  }

  private join(run: Run, at: number, flight: Flight): void {
    run.tickets[at] = flight;
    const limit = limitOf(run, at, this.clock);
    if (limit !== undefined) {
      deadlineHeap(this.clock).add(limit, run.options?.deadline as number);
    }
    flight.join(run, limit);
  }

  /** Begins a flight, in the async context of this call and with what it has brought along. */
  protected takeOff(run: Run, at: number, flight: Flight): void {
    this.flights.set(flight.key, flight);
    if (at > 0) flight.holdPlacesOf(run);
    const { operation, retryBudget } = run;
    const call: Operation<unknown> = (context) => {
      flight.started();
      return operation(context);
    };
    const properties = [...(run.properties ?? []), flightKey(flight)];
    void this.inside(run.plan, at).outcome(call, { properties, retryBudget });
  }

  private inside(plan: Plan, at: number): Inside {
    const known = this.insides.get(plan);
    if (known?.at === at) return known;
    const inside = new Inside(this, plan.layers, at);
    this.insides.set(plan, inside);
    return inside;
  }

  // --- The end of a flight ------------------------------------------------------------------------

  landed(flight: Flight, ok: boolean, value: unknown): void {
    if (flight.isOver) return;
    flight.ended(ok, value);
    this.settle(flight);
    for (const waiter of flight.waiters.keys()) waiter.resume();
  }

  /** Retires a flight that has landed and decides what its callers get. Must not throw. */
  protected abstract settle(flight: Flight): void;

  /** Takes a flight out of the table. False if it is not that of its key any more. */
  protected retire(flight: Flight): boolean {
    return this.flights.get(flight.key) === flight && this.flights.delete(flight.key);
  }

  woken(run: Run, at: number): 0 | 2 {
    const flight = this.leave(run, at);
    if (run.callerGaveUp) run.answer(false, run.options?.signal?.reason);
    else this.answerFrom(run, flight);
    return refused;
  }

  protected answerFrom(run: Run, flight: Flight): void {
    const isLast = flight.waiters.size === 0 && !flight.isStored;
    if (!flight.ok || isLast) run.answer(flight.ok, flight.value);
    else this.answerWith(run, flight.value);
  }

  /** Answers with a value that others have or will get as well. */
  protected answerWith(run: Run, value: unknown): void {
    const { clone } = this;
    if (clone === undefined) {
      run.answer(true, value);
      return;
    }
    try {
      run.answer(true, clone(value as R));
    } catch (error) {
      run.answer(false, error);
    }
  }

  // --- Giving up ----------------------------------------------------------------------------------

  unpark(run: Run, at: number, reason: unknown): void {
    const flight = this.leave(run, at);
    const { key, isOver, waiters } = flight;
    if (waiters.size > 0 || isOver || this.whenAbandoned === 'finish') return;
    flight.isOver = true;
    this.retire(flight);
    flight.run?.cut(0, reason);
    const { abandoned } = this.topics;
    if (this.isHeard(abandoned)) this.tell(abandoned, { key, reason });
  }

  private leave(run: Run, at: number): Flight {
    const flight = run.tickets[at] as Flight;
    const limit = flight.waiters.get(run);
    if (limit !== undefined) deadlineHeap(this.clock).remove(limit);
    flight.waiters.delete(run);
    return flight;
  }

  success(): ExitVerdict {
    return pass;
  }

  failure(): ExitVerdict {
    return pass;
  }
}
