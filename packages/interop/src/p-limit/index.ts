// The surface of p-limit has a default export; nothing of our own has one.
export { limitFunction, pLimit as default } from './p-limit.ts';
export type { LimitFunction, Options } from './options.ts';
