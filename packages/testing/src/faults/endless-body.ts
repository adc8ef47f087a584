import { knownOptions } from '@holdfast/policy';
import { integerBetween } from '../check-integer.ts';
import type { FaultStep } from '../fault-step.ts';
import { type AnswerOptions, answerHead, stepDelay } from './answer-head.ts';

/** Options of {@link endlessBody}. */
export interface EndlessBodyOptions extends AnswerOptions {
  /**
   * Bytes in each piece of the body, at most 1 MiB.
   *
   * @default 1024
   */
  readonly chunkBytes?: number | undefined;
  /**
   * Milliseconds between two pieces.
   *
   * @default 10
   */
  readonly everyMs?: number | undefined;
}

/**
 * An answer whose body never ends: a piece now and then until the client, `reset()` or `close()`
 * ends the connection. A client that does not read stops it, so memory stays bounded.
 *
 * @throws `TypeError` or `RangeError` if an option cannot be used.
 */
export function endlessBody(options: EndlessBodyOptions = {}): FaultStep {
  knownOptions(options, ['status', 'headers', 'chunkBytes', 'everyMs']);
  const { status, headers } = answerHead(options);
  const chunk = Buffer.alloc(
    integerBetween('chunkBytes', options.chunkBytes ?? 1024, 1, 2 ** 20),
    'x',
  );
  const everyMs = stepDelay('everyMs', options.everyMs ?? 10);
  return {
    name: 'endless body',
    play(exchange): void {
      const { response } = exchange;
      const sendMore = (): void => {
        if (response.write(chunk)) exchange.later(everyMs, sendMore);
        else
          response.once('drain', () => {
            exchange.later(everyMs, sendMore);
          });
      };
      response.writeHead(status, headers);
      sendMore();
    },
  };
}
