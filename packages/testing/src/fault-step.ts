import type { ServerResponse } from 'node:http';
import type { RecordedRequest } from './recorded-request.ts';

/** One request and its connection, in the hands of the {@link FaultStep} that answers it. */
export interface FaultExchange {
  /** The request, its body complete. */
  readonly request: RecordedRequest;
  /** The answer, of which nothing has been sent. */
  readonly response: ServerResponse;
  /** Calls back after real milliseconds, unless the exchange has ended by then. */
  later(delayMs: number, callback: () => void): void;
  /** Breaks the connection off at once (TCP RST): the client sees `ECONNRESET`. */
  reset(): void;
  /**
   * Sends what has been written and closes the connection in good order (TCP FIN).
   *
   * @default 'cut-by-server'
   */
  hangUp(outcome?: 'answered' | 'cut-by-server'): void;
}

/**
 * What a {@link FaultServer} does with one request.
 *
 * The ready-made ones come from {@link respond}, {@link hang} and the like; an object of your own
 * with a name and a `play` does as well.
 *
 * @example
 * ```ts
 * import type { FaultStep } from '@holdfast/testing';
 *
 * const earlyHints: FaultStep = {
 *   name: 'early hints',
 *   play({ response }) {
 *     response.writeEarlyHints({ link: '</style.css>; rel=preload' });
 *     response.end();
 *   },
 * };
 * ```
 */
export interface FaultStep {
  /** For error messages. */
  readonly name: string;
  /** Answers the request, or mistreats it. Called once the body of the request has arrived. */
  play(exchange: FaultExchange): void;
}

/**
 * Chooses the step by the request, now or later: a promise holds the answer back until the test
 * lets it go. If it throws or rejects, the server answers 500 with the error in the body.
 */
export type StepFunction = (request: RecordedRequest) => FaultStep | PromiseLike<FaultStep>;

/** Several steps, one after another, several times: see {@link sequence} and {@link repeat}. */
export interface StepGroup {
  /** The steps of one round. */
  readonly steps: readonly ScriptStep[];
  /** How many rounds there are. */
  readonly times: number;
}

/** What can stand in a sequence: a step, a function that chooses one, or a group of these. */
export type ScriptStep = FaultStep | StepFunction | StepGroup;

/** The step for all requests after the script: see {@link otherwise}. */
export interface OtherwiseStep {
  /** What answers, or chooses what answers. */
  readonly otherwise: FaultStep | StepFunction;
}

/** What can stand in a script. */
export type ScriptEntry = ScriptStep | OtherwiseStep;

/** Whether something is a {@link FaultStep}. */
export function isFaultStep(value: unknown): value is FaultStep {
  return (
    typeof value === 'object' &&
    value !== null &&
    'play' in value &&
    typeof value.play === 'function'
  );
}
