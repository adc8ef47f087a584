import { TimeoutError, withoutStack } from '@holdfast/policy';
import type { Bulkhead } from './bulkhead.ts';
import {
  BulkheadDrainingError,
  BulkheadFullError,
  BulkheadReentrancyError,
  type FullReason,
} from './errors.ts';
import type { RejectionReason } from './events.ts';

/** A call that a bulkhead turns away, and why. */
export interface Rejection {
  readonly reason: RejectionReason;
  /** How long it had queued, in milliseconds. */
  readonly waitedMs: number;
  /** Whether an earlier attempt of the call has run. */
  readonly started: boolean;
}

/** The error that tells a caller of its rejection. */
export function rejectionError(rejection: Rejection, from: Bulkhead): Error {
  const { reason, waitedMs } = rejection;
  return withoutStack(() => {
    if (reason === 'draining') return draining(from);
    if (reason === 'reentrancy') return reentrant(from);
    if (reason === 'deadline') return overdue(rejection, from);
    return full(reason, waitedMs, from);
  });
}

function full(reason: FullReason, waitedMs: number, from: Bulkhead): Error {
  const { active, queued, maxConcurrent, maxQueued, name: policy } = from;
  const messages: Readonly<Record<FullReason, string>> = {
    full: `the bulkhead is full: ${active} of ${maxConcurrent} at work, ${queued} of ${maxQueued} queued`,
    'key-full': 'the queue of the bulkhead has no more room for calls of this key',
    'queue-timeout': `no place in the bulkhead became free within ${Math.round(waitedMs)} ms`,
    displaced: 'the call had to leave the queue of the bulkhead to one that goes before it',
  };
  const limits = { active, queued, maxConcurrent, maxQueued };
  return new BulkheadFullError(messages[reason], { ...limits, reason, waitedMs, policy });
}

function overdue({ waitedMs, started }: Rejection, { name: policy }: Bulkhead): Error {
  const message = 'the deadline passed before the bulkhead had a place';
  return new TimeoutError(message, { timeoutMs: waitedMs, started, policy });
}

function draining({ name: policy }: Bulkhead): Error {
  return new BulkheadDrainingError('the bulkhead is being drained and takes no new calls', {
    policy,
  });
}

function reentrant({ name: policy }: Bulkhead): Error {
  const message = 'the call would wait for a place that an operation around it holds';
  return new BulkheadReentrancyError(message, { policy });
}
