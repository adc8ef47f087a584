import { knownOptions } from '@holdfast/policy';
import { integerBetween } from './check-integer.ts';
import type { ScriptEntry } from './fault-step.ts';
import { LoopbackServer } from './loopback-server.ts';
import type { RecordedRequest } from './recorded-request.ts';

/** Options of {@link faultServer}. */
export interface FaultServerOptions {
  /**
   * How many requests are remembered, at most 2^20; the oldest are forgotten first.
   *
   * @default 1000
   */
  readonly maxRequests?: number | undefined;
  /**
   * How many bytes of each request's body are kept, at most 2^28; the rest is counted and hashed.
   *
   * @default 1_048_576
   */
  readonly maxBodyBytes?: number | undefined;
}

/** A real HTTP/1.1 server on the loopback interface that does to each request what the test says. */
export interface FaultServer extends AsyncDisposable {
  /** Origin of the server, without a slash at the end: `http://127.0.0.1:` and the port. */
  readonly url: string;
  /** The requests in the order of their heads, since the start or the last {@link FaultServer.reset}. */
  readonly requests: readonly RecordedRequest[];
  /** How many connections are open, idle ones included. */
  readonly openSockets: number;
  /** How many requests have come and not ended. */
  readonly inFlight: number;
  /**
   * Says what happens to the requests for a path, one step for each in the order of their heads, and
   * replaces what was said before. The path `'*'` is for all paths that have no script of their own.
   * What follows the last step is up to {@link otherwise}.
   *
   * @throws `TypeError` if an entry is not a step.
   * @throws `RangeError` if the path is neither `'*'` nor begins with `/`, or has a query.
   */
  script(path: string, steps: readonly ScriptEntry[]): void;
  /**
   * Resolves once the heads of so many requests have come, since the start or the last reset.
   *
   * @throws `Error` if the server is closed, also while waiting.
   */
  received(requests: number): Promise<void>;
  /** Resolves once no request is in flight: what the clients did is then in the records. */
  idle(): Promise<void>;
  /**
   * Refuses connections from now on: the port is closed (`ECONNREFUSED`), idle connections are ended,
   * and requests in flight may finish. Resolves once the clients have noticed.
   */
  refuse(): Promise<void>;
  /**
   * Accepts connections again, on the same port.
   *
   * @throws `Error` `EADDRINUSE` if another process has taken the port in the meantime.
   */
  accept(): Promise<void>;
  /** Ends the requests in flight, forgets scripts and records, and accepts connections. */
  reset(): Promise<void>;
  /** Ends all connections and frees the port. Can be called again. */
  close(): Promise<void>;
}

/**
 * Starts a server on a free port of 127.0.0.1 that misbehaves as told: it hangs, resets, trickles,
 * truncates, refuses, or answers.
 *
 * Without a script every request gets an empty 200. Steps are played once the body of the request is
 * there. Delays are real, also under fake timers. At most 1,000 connections are held at once. Close
 * it: until then it keeps the process alive.
 *
 * @throws `TypeError` or `RangeError` if an option cannot be used.
 *
 * @example
 * ```ts
 * import { faultServer, hang, respond } from '@holdfast/testing';
 *
 * const server = await faultServer();
 * server.script('/stock', [respond({ status: 503 }), hang(), respond({ body: { inStock: 3 } })]);
 *
 * const response = await fetch(`${server.url}/stock`); // 503
 * const first = server.requests[0]; // GET /stock, and how it ended
 * await server.close();
 * ```
 */
export async function faultServer(options: FaultServerOptions = {}): Promise<FaultServer> {
  knownOptions(options, ['maxRequests', 'maxBodyBytes']);
  const { maxRequests = 1000, maxBodyBytes = 2 ** 20 } = options;
  integerBetween('maxRequests', maxRequests, 1, 2 ** 20);
  integerBetween('maxBodyBytes', maxBodyBytes, 0, 2 ** 28);

  const server = new LoopbackServer({ maxRequests, maxBodyBytes });
  await server.accept();
  return server;
}
