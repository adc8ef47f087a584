import { bulkhead } from '@holdfast/bulkhead';
import { type CircuitBreaker, circuitBreaker } from '@holdfast/circuit-breaker';
import { isHttpFailure, isRetryableHttp, retryAfterOf } from '@holdfast/fetch';
import { type Hedge, hedge, quantileDelay } from '@holdfast/hedge';
import { compose, type Policy, type RetryBudget, retryBudget } from '@holdfast/policy';
import { exponential, retry } from '@holdfast/retry';
import { timeout } from '@holdfast/timeout';
import type { Dependency } from '../contract.ts';

/** How the calls to one dependency are guarded. */
export interface Guard {
  readonly policy: Policy<never, Response>;
  readonly breaker: CircuitBreaker<Response>;
}

interface AttemptOptions {
  /** How long one attempt may take. */
  readonly attemptMs: number;
  readonly maxConcurrent: number;
  readonly maxQueued: number;
  /** The share of failed attempts that opens the circuit. */
  readonly failureRatio: number;
}

interface CallOptions {
  /** How long the whole call may take, retries included. */
  readonly totalMs: number;
  readonly maxAttempts: number;
  readonly budget?: RetryBudget | undefined;
}

/** What protects a dependency: each attempt passes it. */
function attempts(name: string, options: AttemptOptions): Guard {
  const { attemptMs, failureRatio, maxConcurrent, maxQueued } = options;
  const breaker = circuitBreaker<Response>({
    name,
    isFailure: isHttpFailure,
    failureRatio,
    minimumCalls: 8,
    windowMs: 2_000,
    halfOpenAfterMs: 1_000,
  });
  const policy = compose(
    breaker,
    bulkhead({ maxConcurrent, maxQueued }),
    timeout({ afterMs: attemptMs, name: 'attempt timeout' }),
  );
  return { policy, breaker };
}

/** What helps whoever calls: a bound for the whole, and another attempt. */
function call({ budget, maxAttempts, totalMs }: CallOptions): Policy<never, Response> {
  return compose(
    timeout({ afterMs: totalMs }),
    retry<Response>({
      maxAttempts,
      backoff: exponential({ initialMs: 30, maxMs: 300 }),
      shouldRetry: isRetryableHttp,
      delayFrom: retryAfterOf,
      budget,
    }),
  );
}

/** From outside to inside: the whole call, then its attempts, then what protects the dependency. */
function guard(name: Dependency, options: CallOptions & AttemptOptions): Guard {
  const { breaker, policy } = attempts(name, options);
  return { breaker, policy: compose(call(options), policy) };
}

/** An instance of the inventory has one worker: two requests at once keep it busy. */
export const inventoryInstance = (name: string): Guard =>
  attempts(name, { attemptMs: 250, maxConcurrent: 2, maxQueued: 2, failureRatio: 0.5 });

/** How the stock is read, whichever instance gives the answer. */
export interface ReadGuard {
  readonly policy: Policy<never, Response>;
  readonly hedge: Hedge<Response>;
}

/**
 * To read the stock twice does no harm: when one instance is slow, or fails, the other one is asked
 * as well, and the first good answer counts. An answer from the cache is better than a late one.
 */
export function inventoryReads(): ReadGuard {
  // Retries and hedges together add a fifth to the load, and two a second, and no more: the retry and
  // the hedge both count each call, which makes two tenths.
  const budget = retryBudget({ ratio: 0.1, minPerSecond: 2, windowMs: 4_000 });
  const hedged = hedge<Response>({
    safe: true,
    // Slower than 19 of 20; but with time enough for an answer before the first attempt times out.
    afterMs: quantileDelay({ quantile: 0.95, initialMs: 150, maxMs: 150, windowMs: 10_000 }),
    isFailure: (outcome) => !outcome.ok || isHttpFailure(outcome) === true,
    budget,
  });
  const policy = compose(call({ totalMs: 600, maxAttempts: 2, budget }), hedged);
  return { policy, hedge: hedged };
}

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
