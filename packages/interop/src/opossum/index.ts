export { CircuitBreaker } from './circuit-breaker.ts';
// The surface of opossum is this class as the module itself: `import CircuitBreaker from`, and
// `const CircuitBreaker = require(...)`, which Node answers with what is exported under that name.
export {
  // oxlint-disable-next-line import/no-default-export
  CircuitBreaker as default,
  CircuitBreaker as 'module.exports',
} from './circuit-breaker.ts';
export type { Bucket, Stats } from './bucket.ts';
export {
  BreakerOpenError,
  BreakerShutdownError,
  BreakerTimeoutError,
  isOpossumError,
  SemaphoreLockedError,
} from './errors.ts';
export type { Events } from './events.ts';
export type { CacheTransport, Options, State, StatusOptions } from './options.ts';
export { Status } from './status.ts';
