// oxlint-disable-next-line import/no-default-export -- p-limit has one; nothing of our own does.
export { limitFunction, pLimit as default } from './p-limit.ts';
export type { LimitFunction, Options } from './options.ts';
