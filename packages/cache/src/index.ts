export { cache } from './cache.ts';
export type { Cache } from './cache.ts';
export type { CacheOptions } from './options.ts';
export { isCacheRefusedError, CacheRefusedError } from './errors.ts';
export type { CacheEvents, RefusedEvent } from './events.ts';
