import { defineTopics, type PolicyEvent, type Topic } from '@holdfast/policy';

/** What each event of a cache or a `coalesce` tells. */
export interface KeyEvent extends PolicyEvent {
  /** The key of the call. */
  readonly key: string;
}

/** A call has joined the flight of another one. */
export interface CoalescedEvent extends KeyEvent {
  /** Always `'coalesced'`. */
  readonly event: 'coalesced';
  /** How many calls wait for the flight by now. */
  readonly waiting: number;
}

/** The last caller of a flight has given up, and so the flight was. */
export interface AbandonedEvent extends KeyEvent {
  /** Always `'abandoned'`. */
  readonly event: 'abandoned';
  /** Why: the reason of the last caller, or a `TimeoutError`. */
  readonly reason: unknown;
}

/** A call was answered from the store. */
export interface HitEvent extends KeyEvent {
  /** Always `'hit'`. */
  readonly event: 'hit';
  /** Whether the answer is a value; false for a stored error. */
  readonly ok: boolean;
  /** How long ago the answer came, in milliseconds. */
  readonly ageMs: number;
}

/** There was no answer for a call, and it has begun a flight. */
export interface MissEvent extends KeyEvent {
  /** Always `'miss'`. */
  readonly event: 'miss';
}

/** A call was answered with a value that is not fresh any more. */
export interface StaleEvent extends KeyEvent {
  /** Always `'stale'`. */
  readonly event: 'stale';
  /** Why: it is being refreshed in the background, or the operation has failed. */
  readonly because: 'revalidating' | 'error';
  /** The error in place of which the value was served. */
  readonly error: unknown;
  /** How long ago the value came, in milliseconds. */
  readonly ageMs: number;
}

/** A refresh in the background has brought an answer. */
export interface RefreshedEvent extends KeyEvent {
  /** Always `'refreshed'`. */
  readonly event: 'refreshed';
  /** Whether the answer is a value; false for an error that is kept in place of the value. */
  readonly ok: boolean;
}

/** A refresh in the background has failed; the stale value stays for as long as it may. */
export interface RefreshFailedEvent extends KeyEvent {
  /** Always `'refresh-failed'`. */
  readonly event: 'refresh-failed';
  /** The error of the operation, or of a policy inside. */
  readonly error: unknown;
}

/** An answer had to make room. */
export interface EvictedEvent extends KeyEvent {
  /** Always `'evicted'`. */
  readonly event: 'evicted';
}

/** The events of a `coalesce`, by name. */
export interface CoalesceEvents {
  /** A call has joined the flight of another one. */
  readonly coalesced: CoalescedEvent;
  /** The last caller of a flight has given up, and so the flight was. */
  readonly abandoned: AbandonedEvent;
}

/** The events of a cache, by name. */
export interface CacheEvents extends CoalesceEvents {
  /** A call was answered from the store. */
  readonly hit: HitEvent;
  /** There was no answer for a call, and it has begun a flight. */
  readonly miss: MissEvent;
  /** A call was answered with a value that is not fresh any more. */
  readonly stale: StaleEvent;
  /** A refresh in the background has brought an answer. */
  readonly refreshed: RefreshedEvent;
  /** A refresh in the background has failed; the stale value stays for as long as it may. */
  readonly 'refresh-failed': RefreshFailedEvent;
  /** An answer had to make room. */
  readonly evicted: EvictedEvent;
}

export const coalesceTopics: Readonly<Record<keyof CoalesceEvents, Topic>> =
  /* @__PURE__ */ defineTopics('coalesce', ['coalesced', 'abandoned']);

export const topics: Readonly<Record<keyof CacheEvents, Topic>> = /* @__PURE__ */ defineTopics(
  'cache',
  ['hit', 'miss', 'stale', 'coalesced', 'abandoned', 'refreshed', 'refresh-failed', 'evicted'],
);
