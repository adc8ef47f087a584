import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { invalidOption, positiveInteger } from '@holdfast/policy';
import { Exchange } from './fault-exchange.ts';
import { FaultScript } from './fault-script.ts';
import type { ScriptEntry } from './fault-step.ts';
import { LoopbackListener } from './loopback-listener.ts';
import { type RecordedRequest, RequestRecord } from './recorded-request.ts';
import { RequestLog } from './request-log.ts';

/** The bounds of what a fault server keeps. */
export interface LoopbackServerLimits {
  readonly maxRequests: number;
  readonly maxBodyBytes: number;
}

const everyOtherPath = '*';

/** The engine of a fault server. */
export class LoopbackServer {
  readonly #http: Server;
  readonly #listener: LoopbackListener;
  readonly #log: RequestLog;
  readonly #exchanges = new Set<Exchange>();
  readonly #scripts = new Map<string, FaultScript>();
  readonly #maxBodyBytes: number;
  #closing: Promise<void> | undefined;

  constructor(limits: LoopbackServerLimits) {
    this.#maxBodyBytes = limits.maxBodyBytes;
    this.#log = new RequestLog(limits.maxRequests);
    // An idle connection is closed by the client alone: no race between its end and a next request.
    this.#http = createServer({ keepAliveTimeout: 0 }, (message, response) => {
      this.#receive(message, response);
    });
    this.#listener = new LoopbackListener((socket) => this.#http.emit('connection', socket));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#listener.port}`;
  }

  get requests(): readonly RecordedRequest[] {
    return this.#log.requests;
  }

  get openSockets(): number {
    return this.#listener.sockets.size;
  }

  get inFlight(): number {
    return this.#log.inFlight;
  }

  script(path: string, steps: readonly ScriptEntry[]): void {
    if (typeof path !== 'string') throw invalidOption('path', 'a string', path, TypeError);
    if (path !== everyOtherPath && !/^\/[^?#]*$/.test(path)) {
      throw invalidOption('path', "'*', or a path from '/' on without a query", path, RangeError);
    }
    this.#scripts.set(path, new FaultScript(steps));
  }

  async received(requests: number): Promise<void> {
    this.#checkOpen();
    await this.#log.received(positiveInteger('requests', requests));
  }

  async idle(): Promise<void> {
    await this.#log.idle();
  }

  async refuse(): Promise<void> {
    this.#checkOpen();
    this.#listener.stopListening();
    const busy = new Set([...this.#exchanges].map((exchange) => exchange.socket));
    for (const { response } of this.#exchanges) response.shouldKeepAlive = false;
    const idle = [...this.#listener.sockets].filter((socket) => !busy.has(socket));
    await this.#listener.sayFarewell(idle);
  }

  async accept(): Promise<void> {
    this.#checkOpen();
    await this.#listener.listen();
  }

  async reset(): Promise<void> {
    this.#checkOpen();
    for (const exchange of this.#exchanges) exchange.cut();
    await this.#log.idle();
    this.#scripts.clear();
    this.#log.clear();
    await this.#listener.listen();
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #closeAll(): Promise<void> {
    for (const exchange of this.#exchanges) exchange.cut();
    await this.#listener.destroy();
    this.#log.giveUp(new Error(`The fault server at ${this.url} was closed.`));
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new Error(`The fault server at ${this.url} is closed.`);
  }

  #receive(message: IncomingMessage, response: ServerResponse): void {
    const record = new RequestRecord(message, this.#maxBodyBytes);
    const script = this.#scripts.get(record.path) ?? this.#scripts.get(everyOtherPath);
    const step = (script ?? new FaultScript([])).next();
    const exchange = new Exchange(record, response, message.socket, () => {
      this.#ended(exchange);
    });
    this.#exchanges.add(exchange);
    this.#log.begin(record);

    message.on('data', (chunk: Buffer) => {
      record.add(chunk);
    });
    message.once('end', () => void exchange.play(step));
  }

  #ended(exchange: Exchange): void {
    this.#exchanges.delete(exchange);
    this.#log.end();
    if (!this.#listener.isListening) exchange.socket.end();
  }
}
