import { knownOptions } from '@holdfast/policy';
import type { FaultStep } from '../fault-step.ts';
import { type AnswerOptions, answerHead, stepDelay } from './answer-head.ts';

/** Breaks the connection off (TCP RST) when the request has arrived, before a byte of the answer. */
export function resetBeforeHeaders(): FaultStep {
  return {
    name: 'reset before headers',
    play: (exchange) => {
      exchange.reset();
    },
  };
}

/** Options of {@link resetAfterHeaders}. */
export interface ResetAfterHeadersOptions extends AnswerOptions {
  /**
   * Milliseconds between the headers and the reset. Some systems throw unread bytes away when a
   * reset comes in, so the client needs a moment to read the headers.
   *
   * @default 20
   */
  readonly afterMs?: number | undefined;
}

/**
 * Sends status and headers, promises a body, and breaks the connection off (TCP RST) instead.
 *
 * @throws `TypeError` or `RangeError` if an option cannot be used.
 */
export function resetAfterHeaders(options: ResetAfterHeadersOptions = {}): FaultStep {
  knownOptions(options, ['status', 'headers', 'afterMs']);
  const { status, headers } = answerHead(options);
  const afterMs = stepDelay('afterMs', options.afterMs ?? 20);
  return {
    name: 'reset after headers',
    play(exchange): void {
      exchange.response.writeHead(status, headers).flushHeaders();
      exchange.later(afterMs, () => {
        exchange.reset();
      });
    },
  };
}
