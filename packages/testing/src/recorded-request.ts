import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { realTimeMs } from './real-time.ts';

/**
 * How a request at a {@link FaultServer} ended.
 *
 * - `in-flight`: not yet.
 * - `answered`: the whole answer was handed to the operating system.
 * - `cut-by-server`: a step, `reset()` or `close()` ended the connection before that.
 * - `aborted-by-client`: the client closed the connection before that.
 */
export type RequestOutcome = 'in-flight' | 'answered' | 'cut-by-server' | 'aborted-by-client';

/** A request as a {@link FaultServer} received it; it grows until the body has arrived. */
export interface RecordedRequest {
  /** The method as it was sent: `GET`, `POST` and so on. */
  readonly method: string;
  /** The target as it was sent: path and query. */
  readonly url: string;
  /** The path without the query: what scripts are chosen by. */
  readonly path: string;
  /** By lower-case name. */
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** The body so far; no more than its first `maxBodyBytes` bytes are kept. */
  readonly body: Uint8Array;
  /** How many bytes of the body have arrived, kept or not. */
  readonly bodyBytes: number;
  /** SHA-256 of all bytes that have arrived, kept or not, as hexadecimal digits. */
  readonly bodySha256: string;
  /** When the head arrived, in milliseconds of `performance.now()`. */
  readonly receivedAtMs: number;
  /** How the request ended. */
  readonly outcome: RequestOutcome;
  /** The kept body as text in UTF-8. */
  text(): string;
  /**
   * The kept body as JSON.
   *
   * @throws `SyntaxError` if it is not JSON, or not all of it was kept.
   */
  json(): unknown;
}

/** A request while the server takes it down. */
export class RequestRecord implements RecordedRequest {
  readonly method: string;
  readonly url: string;
  readonly path: string;
  readonly headers: Readonly<IncomingHttpHeaders>;
  readonly receivedAtMs: number = realTimeMs();
  outcome: RequestOutcome = 'in-flight';
  bodyBytes = 0;
  readonly #hash = createHash('sha256');
  readonly #maxBodyBytes: number;
  #body: Buffer = Buffer.alloc(0);
  #chunks: Buffer[] = [];
  #keptBytes = 0;

  constructor(message: IncomingMessage, maxBodyBytes: number) {
    this.method = message.method ?? '';
    this.url = message.url ?? '';
    this.path = this.url.split('?', 1)[0] ?? '';
    this.headers = message.headers;
    this.#maxBodyBytes = maxBodyBytes;
  }

  add(chunk: Buffer): void {
    this.#hash.update(chunk);
    this.bodyBytes += chunk.byteLength;

    const kept = chunk.subarray(0, this.#maxBodyBytes - this.#keptBytes);
    if (kept.byteLength > 0) this.#chunks.push(kept);
    this.#keptBytes += kept.byteLength;
  }

  get body(): Buffer {
    if (this.#chunks.length > 0) {
      this.#body = Buffer.concat([this.#body, ...this.#chunks]);
      this.#chunks = [];
    }
    return this.#body;
  }

  get bodySha256(): string {
    return this.#hash.copy().digest('hex');
  }

  text(): string {
    return this.body.toString('utf8');
  }

  json(): unknown {
    return JSON.parse(this.text());
  }
}
