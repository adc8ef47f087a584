import { createServer, type Server, type Socket } from 'node:net';
import { afterRealMs } from './real-time.ts';

/** Far more than a test needs; connections beyond are dropped as they come in. */
const maxSockets = 1_000;

/** How long an idle client may take to notice that its connection is closed. */
const farewellMs = 1_000;

/**
 * A port of 127.0.0.1 that can stop and start to listen, and knows its sockets.
 *
 * It hands the sockets on: to an HTTP server that does not itself listen, whose `close()` would end
 * connections before the client had noticed.
 */
export class LoopbackListener {
  readonly sockets: Set<Socket> = new Set();
  readonly #onSocket: (socket: Socket) => void;
  #server: Server | undefined;
  #port = 0;

  constructor(onSocket: (socket: Socket) => void) {
    this.#onSocket = onSocket;
  }

  get port(): number {
    return this.#port;
  }

  get isListening(): boolean {
    return this.#server !== undefined;
  }

  /** Listens; the port is free at first and the same ever after. */
  async listen(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.#admit(socket);
    });
    server.maxConnections = maxSockets;
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(this.#port, '127.0.0.1', resolve);
    }).catch((error: unknown) => {
      this.#server = undefined;
      throw error;
    });
    const address = server.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
  }

  /** From now on connections are refused; those that exist live on. */
  stopListening(): void {
    this.#server?.close();
    this.#server = undefined;
  }

  /** Closes sockets in good order and waits until their clients have noticed. */
  async sayFarewell(sockets: readonly Socket[]): Promise<void> {
    const cancel = afterRealMs(farewellMs, () => {
      for (const socket of sockets) socket.destroy();
    });
    for (const socket of sockets) socket.end();
    await Promise.all(sockets.map((socket) => this.#closed(socket)));
    cancel();
  }

  /** Ends everything at once. */
  async destroy(): Promise<void> {
    this.stopListening();
    const sockets = [...this.sockets];
    for (const socket of sockets) socket.destroy();
    await Promise.all(sockets.map((socket) => this.#closed(socket)));
  }

  #admit(socket: Socket): void {
    this.sockets.add(socket);
    this.#onSocket(socket);
    socket.once('close', () => {
      this.sockets.delete(socket);
    });
  }

  #closed(socket: Socket): Promise<void> {
    if (!this.sockets.has(socket)) return Promise.resolve();
    return new Promise((resolve) => {
      socket.once('close', () => {
        resolve();
      });
    });
  }
}
