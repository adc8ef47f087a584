import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import {
  type FaultExchange,
  type FaultStep,
  isFaultStep,
  type StepFunction,
} from './fault-step.ts';
import { respond } from './faults/respond.ts';
import { afterRealMs } from './real-time.ts';
import type { RequestRecord } from './recorded-request.ts';

/** A request that a fault server is answering. */
export class Exchange implements FaultExchange {
  readonly request: RequestRecord;
  readonly response: ServerResponse;
  readonly socket: Socket;
  readonly #onEnd: () => void;
  readonly #timers = new Set<() => void>();
  #isOver = false;

  constructor(request: RequestRecord, response: ServerResponse, socket: Socket, onEnd: () => void) {
    this.request = request;
    this.response = response;
    this.socket = socket;
    this.#onEnd = onEnd;
    response.on('close', this.#end);
    socket.on('close', this.#end);
  }

  /** Answers with the step, or with the one that the function chooses. */
  async play(step: FaultStep | StepFunction): Promise<void> {
    const chosen = typeof step === 'function' ? await this.#choose(step) : step;
    if (this.#isOver || this.socket.destroyed) return;
    try {
      chosen.play(this);
    } catch (error) {
      this.#explain(`The step ${chosen.name} threw`, error);
    }
  }

  later(delayMs: number, callback: () => void): void {
    if (this.#isOver) return;
    const cancel = afterRealMs(delayMs, () => {
      this.#timers.delete(cancel);
      callback();
    });
    this.#timers.add(cancel);
  }

  reset(): void {
    this.#decide('cut-by-server');
    this.socket.resetAndDestroy();
  }

  hangUp(outcome: 'answered' | 'cut-by-server' = 'cut-by-server'): void {
    this.#decide(outcome);
    this.socket.end(() => {
      this.socket.destroy();
    });
  }

  /** Ends the connection from the side of the server, whatever the step is at. */
  cut(): void {
    this.#decide('cut-by-server');
    this.socket.destroy();
  }

  async #choose(step: StepFunction): Promise<FaultStep> {
    const asker = `The step function for ${this.request.method} ${this.request.url}`;
    try {
      const chosen = await step(this.request);
      if (isFaultStep(chosen)) return chosen;
      return respond({
        status: 500,
        body: `${asker} returned no step such as respond() or hang().`,
      });
    } catch (error) {
      return respond({ status: 500, body: `${asker} threw ${String(error)}` });
    }
  }

  #explain(what: string, error: unknown): void {
    if (this.response.headersSent) this.reset();
    else this.response.writeHead(500).end(`${what} ${String(error)}`);
  }

  #decide(outcome: 'answered' | 'cut-by-server' | 'aborted-by-client'): void {
    if (this.request.outcome === 'in-flight') this.request.outcome = outcome;
  }

  // The end of the socket is the end of the answer, so both events may come at once.
  readonly #end = (): void => {
    if (this.#isOver) return;
    this.#isOver = true;
    this.response.off('close', this.#end);
    this.socket.off('close', this.#end);
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#decide(this.response.writableFinished ? 'answered' : 'aborted-by-client');
    this.#onEnd();
  };
}
