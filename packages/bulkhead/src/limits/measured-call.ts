import { OrderedCall } from '../queues/ordered-call.ts';
import type { Probe } from './probe.ts';

/** What a call tells the limit: its latency, that there was too much to do, or nothing. */
export type Fate = 'sample' | 'drop' | 'ignore';

/** A call of which an adaptive bulkhead knows how long it holds its place. */
export class MeasuredCall extends OrderedCall {
  /** When it got its place and went on, in milliseconds of the bulkhead's clock. */
  startedAt = 0;
  /** How long it had waited by then. */
  waitedMs = 0;
  /** How many places were held when it started, its own included. */
  inFlight = 0;
  /** How often the limit had been lowered when it started. */
  epoch = 0;
  fate: Fate | undefined = undefined;
  /** What it is a sample of, if not of a window. */
  probe: Probe | undefined = undefined;
}
