import { validateHeaderName, validateHeaderValue } from 'node:http';
import { invalidOption, numberBetween } from '@holdfast/policy';
import { integerBetween } from '../check-integer.ts';

/** Headers of an answer: a value, or several for a header that is sent several times. */
export type AnswerHeaders = Readonly<Record<string, string | number | readonly string[]>>;

/** What every step that sends a head takes. */
export interface AnswerOptions {
  /**
   * The status code, from 200 to 599.
   *
   * @default 200
   */
  readonly status?: number | undefined;
  /**
   * Headers to send.
   *
   * @default {}
   */
  readonly headers?: AnswerHeaders | undefined;
}

/** A status and headers that are safe to send. */
export interface AnswerHead {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | string[]>>;
}

/** Checks status and headers when the step is made, not when the request comes. */
export function answerHead(options: AnswerOptions): AnswerHead {
  const { status = 200, headers = {} } = options;
  integerBetween('status', status, 200, 599);
  if (typeof headers !== 'object' || headers === null) {
    throw invalidOption('headers', 'an object', headers, TypeError);
  }
  return {
    status,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name.toLowerCase(),
        headerValue(name, value),
      ]),
    ),
  };
}

function headerValue(name: string, value: AnswerHeaders[string]): string | string[] {
  validateHeaderName(name);
  const text = Array.isArray(value) ? value.map(String) : String(value);
  for (const one of [text].flat()) validateHeaderValue(name, one);
  return text;
}

/** The longest delay that a timer of Node keeps. */
const longestTimerMs = 2 ** 31 - 1;

/** Returns `value` if it is a delay that a step can wait for; throws an error that names it otherwise. */
export function stepDelay(name: string, value: number): number {
  return numberBetween(name, value, 0, longestTimerMs);
}
