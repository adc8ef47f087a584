import { invalidOption, knownOptions } from '@holdfast/policy';
import { integerBetween } from '../check-integer.ts';
import type { FaultStep } from '../fault-step.ts';
import { type AnswerOptions, answerHead } from './answer-head.ts';

/** Options of {@link truncatedBody}. */
export interface TruncatedBodyOptions extends AnswerOptions {
  /** What the header `content-length` says, in bytes. */
  readonly declaredBytes: number;
  /** How many bytes come before the connection is closed: fewer than declared, at most 16 MiB. */
  readonly sentBytes: number;
}

/**
 * Declares a longer body than it sends, then closes the connection in good order (TCP FIN).
 *
 * @throws `TypeError` or `RangeError` if an option cannot be used.
 */
export function truncatedBody(options: TruncatedBodyOptions): FaultStep {
  knownOptions(options, ['status', 'headers', 'declaredBytes', 'sentBytes']);
  const { status, headers } = answerHead(options);
  const declaredBytes = integerBetween(
    'declaredBytes',
    options.declaredBytes,
    1,
    Number.MAX_SAFE_INTEGER,
  );
  const sentBytes = integerBetween('sentBytes', options.sentBytes, 0, 2 ** 24);
  if (sentBytes >= declaredBytes) {
    throw invalidOption(
      'sentBytes',
      `less than declaredBytes ${declaredBytes}`,
      sentBytes,
      RangeError,
    );
  }
  return {
    name: 'truncated body',
    play(exchange): void {
      exchange.response.writeHead(status, { ...headers, 'content-length': declaredBytes });
      exchange.response.flushHeaders();
      if (sentBytes > 0) exchange.response.write(Buffer.alloc(sentBytes, 'x'));
      exchange.hangUp();
    },
  };
}
