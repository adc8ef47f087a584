import { STATUS_CODES } from 'node:http';
import { knownOptions } from '@holdfast/policy';
import { integerBetween } from '../check-integer.ts';
import type { FaultExchange, FaultStep } from '../fault-step.ts';
import { type AnswerHead, type AnswerOptions, answerHead, stepDelay } from './answer-head.ts';

/** Options of {@link slowHeaders}. */
export interface SlowHeadersOptions extends AnswerOptions {
  /**
   * Bytes of the head in each piece, at most 64 KiB.
   *
   * @default 8
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
 * An answer without a body whose status line and headers trickle in, after which the connection is
 * closed. The connection is never silent for longer than `everyMs`, and yet the headers take long.
 *
 * @throws `TypeError` or `RangeError` if an option cannot be used.
 */
export function slowHeaders(options: SlowHeadersOptions = {}): FaultStep {
  knownOptions(options, ['status', 'headers', 'chunkBytes', 'everyMs']);
  const chunkBytes = integerBetween('chunkBytes', options.chunkBytes ?? 8, 1, 2 ** 16);
  const everyMs = stepDelay('everyMs', options.everyMs ?? 10);
  const head = Buffer.from(spellOut(answerHead(options)), 'latin1');
  return {
    name: 'slow headers',
    play(exchange): void {
      trickle(exchange, head, { chunkBytes, everyMs });
    },
  };
}

/** Node sends a head in one piece, so this one is written past it, to the socket. */
function spellOut({ status, headers }: AnswerHead): string {
  const all = { ...headers, 'content-length': '0', connection: 'close' };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    [value].flat().map((one) => `${name}: ${one}\r\n`),
  );
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n`;
}

interface Pace {
  readonly chunkBytes: number;
  readonly everyMs: number;
}

function trickle(exchange: FaultExchange, rest: Buffer, pace: Pace): void {
  exchange.response.socket?.write(rest.subarray(0, pace.chunkBytes));
  if (rest.byteLength <= pace.chunkBytes) {
    exchange.hangUp('answered');
    return;
  }
  exchange.later(pace.everyMs, () => {
    trickle(exchange, rest.subarray(pace.chunkBytes), pace);
  });
}
