import { bulkhead } from '@holdfast/bulkhead';
import { type CircuitBreaker, circuitBreaker } from '@holdfast/circuit-breaker';
import { isHttpFailure, isRetryableHttp, retryAfterOf } from '@holdfast/fetch';
import { compose, type Policy } from '@holdfast/policy';
import { exponential, retry } from '@holdfast/retry';
import { timeout } from '@holdfast/timeout';
import type { Dependency } from '../contract.ts';

/** How the calls to one dependency are guarded. */
export interface Guard {
  readonly policy: Policy<never, Response>;
  readonly breaker: CircuitBreaker<Response>;
}

interface GuardOptions {
  /** How long the whole call may take, retries included. */
  readonly totalMs: number;
  /** How long one attempt may take. */
  readonly attemptMs: number;
  readonly maxAttempts: number;
  readonly maxConcurrent: number;
  readonly maxQueued: number;
  /** The share of failed attempts that opens the circuit. */
  readonly failureRatio: number;
}

/** From outside to inside: the whole call, then its attempts, then what protects the dependency. */
function guard(name: Dependency, options: GuardOptions): Guard {
  const breaker = circuitBreaker<Response>({
    name,
    isFailure: isHttpFailure,
    failureRatio: options.failureRatio,
    minimumCalls: 8,
    windowMs: 2_000,
    halfOpenAfterMs: 1_000,
  });
  const policy = compose(
    timeout({ afterMs: options.totalMs }),
    retry<Response>({
      maxAttempts: options.maxAttempts,
      backoff: exponential({ initialMs: 30, maxMs: 300 }),
      shouldRetry: isRetryableHttp,
      delayFrom: retryAfterOf,
    }),
    breaker,
    bulkhead({ maxConcurrent: options.maxConcurrent, maxQueued: options.maxQueued }),
    timeout({ afterMs: options.attemptMs, name: 'attempt timeout' }),
  );
  return { policy, breaker };
}

/** The inventory has few workers, and an answer from the cache is better than a late one. */
export const inventoryGuard = (): Guard =>
  guard('inventory', {
    totalMs: 600,
    attemptMs: 250,
    maxAttempts: 2,
    maxConcurrent: 4,
    maxQueued: 4,
    failureRatio: 0.5,
  });

/** Without payment there is no order: it gets the most attempts, and the most patience. */
export const paymentGuard = (): Guard =>
  guard('payment', {
    totalMs: 2_000,
    attemptMs: 500,
    maxAttempts: 5,
    maxConcurrent: 25,
    maxQueued: 50,
    failureRatio: 0.8,
  });

/** A receipt can wait: nobody has to. */
export const notificationGuard = (): Guard =>
  guard('notification', {
    totalMs: 500,
    attemptMs: 200,
    maxAttempts: 2,
    maxConcurrent: 10,
    maxQueued: 10,
    failureRatio: 0.5,
  });
