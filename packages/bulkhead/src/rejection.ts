import { TimeoutError, withoutStack } from '@holdfast/policy';
import type { Bulkhead } from './bulkhead.ts';
import { BulkheadDrainingError, BulkheadFullError, BulkheadReentrancyError } from './errors.ts';
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
  return withoutStack(() => {
    const { reason, waitedMs, started } = rejection;
    const { active, queued, maxConcurrent, maxQueued, name: policy } = from;
    const message = messageOf(rejection, from);
    if (reason === 'draining') return new BulkheadDrainingError(message, { policy });
    if (reason === 'reentrancy') return new BulkheadReentrancyError(message, { policy });
    if (reason === 'deadline') {
      return new TimeoutError(message, { timeoutMs: waitedMs, started, policy });
    }
    const limits = { active, queued, maxConcurrent, maxQueued };
    return new BulkheadFullError(message, { ...limits, reason, waitedMs, policy });
  });
}

function messageOf({ reason, waitedMs }: Rejection, from: Bulkhead): string {
  const { active, queued, maxConcurrent, maxQueued } = from;
  if (reason === 'full') {
    return `the bulkhead is full: ${active} of ${maxConcurrent} at work, ${queued} of ${maxQueued} queued`;
  }
  if (reason === 'queue-timeout') {
    return `no place in the bulkhead became free within ${Math.round(waitedMs)} ms`;
  }
  return messages[reason];
}

const messages: Readonly<Record<Exclude<RejectionReason, 'full' | 'queue-timeout'>, string>> = {
  'key-full': 'the bulkhead has no more room for calls of this key',
  displaced: 'the call had to make room for one that goes before it',
  deadline: 'the deadline passed before the bulkhead had a place',
  draining: 'the bulkhead is being drained and takes no new calls',
  reentrancy: 'the call would wait for a place that an operation around it holds',
};
