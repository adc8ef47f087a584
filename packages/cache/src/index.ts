export { cache } from './cache.ts';
export type { Cache, CachedOutcome } from './cache.ts';
export { coalesce } from './coalesce.ts';
export type { AnswerOfAnother, Coalesce } from './coalesce.ts';
export type { CacheOptions, CoalesceOptions } from './options.ts';
export type {
  AbandonedEvent,
  CacheEvents,
  CoalescedEvent,
  CoalesceEvents,
  EvictedEvent,
  HitEvent,
  KeyEvent,
  MissEvent,
  RefreshedEvent,
  RefreshFailedEvent,
  StaleEvent,
} from './events.ts';
