import { knownOptions } from '@holdfast/policy';
import type { FaultStep } from '../fault-step.ts';
import { answerBody } from './answer-body.ts';
import { type AnswerOptions, answerHead, stepDelay } from './answer-head.ts';

/** Options of {@link respond}. */
export interface RespondOptions extends AnswerOptions {
  /**
   * Text (sent as `text/plain`), bytes (`application/octet-stream`), or anything else as JSON
   * (`application/json`), unless a header `content-type` says otherwise.
   *
   * @default undefined
   */
  readonly body?: unknown;
  /**
   * Milliseconds between the end of the request and the answer.
   *
   * @default 0
   */
  readonly delayMs?: number | undefined;
}

/**
 * A complete answer, at once or after a delay.
 *
 * The body is turned into bytes when the step is made: what happens to the object later is not seen.
 *
 * @throws `TypeError` or `RangeError` if an option cannot be used.
 *
 * @example
 * ```ts
 * import { respond } from '@holdfast/testing';
 *
 * const inStock = respond({ body: { sku: 'sku-1', inStock: 3 }, delayMs: 20 });
 * const broken = respond({ status: 503, body: 'try later' });
 * ```
 */
export function respond(options: RespondOptions = {}): FaultStep {
  knownOptions(options, ['status', 'headers', 'body', 'delayMs']);
  const delayMs = stepDelay('delayMs', options.delayMs ?? 0);
  const { bytes, contentType } = answerBody(options.body);
  const head = answerHead(options);
  const headers = new Map(Object.entries(head.headers));
  if (contentType !== undefined && !headers.has('content-type')) {
    headers.set('content-type', contentType);
  }

  return {
    name: `respond ${head.status}`,
    play(exchange): void {
      const send = (): void => {
        exchange.response.statusCode = head.status;
        exchange.response.setHeaders(headers).end(bytes);
      };
      if (delayMs === 0) send();
      else exchange.later(delayMs, send);
    },
  };
}
