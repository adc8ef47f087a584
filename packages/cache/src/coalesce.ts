import {
  type EnterVerdict,
  type EventSource,
  parked,
  type Policy,
  type Run,
} from '@holdfast/policy';
import { type CoalesceEvents, coalesceTopics } from './events.ts';
import type { Flight } from './flight.ts';
import { checkCoalesceOptions, type CoalesceOptions } from './options.ts';
import { SharedFlights } from './shared-flights.ts';

/**
 * What a caller may get in place of its own operation's value: that of another operation of its key.
 * Where nobody has said what operations return, those of one key are taken to return the same type.
 */
export type AnswerOfAnother<R> = unknown extends R ? never : R;

/**
 * A policy that lets concurrent calls of one key share an execution; made by {@link coalesce}.
 *
 * @typeParam R - What the operations return.
 */
export interface Coalesce<in out R = unknown>
  extends Policy<AnswerOfAnother<R>, R, CoalesceEvents>,
    EventSource<CoalesceEvents> {
  /** How many executions are under way. */
  readonly size: number;
}

class CoalescePolicy<R> extends SharedFlights<R, CoalesceEvents> {
  readonly kind: string = 'coalesce';
  protected readonly topics = coalesceTopics;

  get size(): number {
    return this.flights.size;
  }

  protected enterWith(run: Run, at: number, key: string): EnterVerdict {
    return this.board(run, at, key) ?? parked;
  }

  protected settle(flight: Flight): void {
    this.retire(flight);
  }

  protected described(): Readonly<Record<string, unknown>> {
    return { whenAbandoned: this.whenAbandoned };
  }
}

/**
 * Lets calls that ask for the same thing at the same time share one execution: the first begins it,
 * the others wait for its answer. Nothing is stored. The execution belongs to all of them: one
 * caller's abort, deadline or outer timeout lets go that caller alone, and only when the last one has
 * left is the operation's signal aborted. It runs in the async context of the call that began it, with
 * its properties and its retry budget, but without its deadline.
 *
 * All get the same value, or the same error. Do not share what only one can use, such as the body of a
 * response, without a `clone`.
 *
 * @typeParam R - What the operations return.
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const sku = contextKey<string>('sku');
 * const shared = coalesce({ key: (context) => context.get(sku) });
 *
 * await shared.execute(({ signal }) => readStock('apple', { signal }), { properties: [sku('apple')] });
 * ```
 */
export function coalesce<R = unknown>(options: CoalesceOptions<R>): Coalesce<R> {
  checkCoalesceOptions(options);
  return new CoalescePolicy<R>(options.name ?? 'coalesce', options);
}
