/** What a server does: `frozen` from `freeze` to `thaw`, `down` after its end, by whatever cause. */
export type ServerState = 'running' | 'frozen' | 'down';

/** A server that was started for a test, or a node of a cluster. */
export interface Server extends AsyncDisposable {
  /** What kind it is: `redis`. */
  readonly name: string;
  readonly host: string;
  /** The port for clients; the same for as long as the server exists. */
  readonly port: number;
  /** `host:port` */
  readonly address: string;
  /** The address as a client wants it: `redis://127.0.0.1:16379`. */
  readonly url: string;
  /** Other ports by name. */
  readonly ports: Readonly<Record<string, number>>;
  /** Its files; deleted in the end. */
  readonly folder: string;
  /** The id of its process, or `undefined` while it is down. */
  readonly pid: number | undefined;
  readonly state: ServerState;

  /** Crashes it: SIGKILL to it and to all processes below it. Resolves when they are gone. */
  kill(this: void): Promise<void>;
  /** Asks it to end, as an operator would, and waits; after ten seconds it is killed. */
  stop(this: void): Promise<void>;
  /**
   * Starts it again, with the same port and the same files, after `kill` or `stop`; one that runs is
   * stopped before. Resolves when it serves.
   * @throws {@link ServerStartError} when it does not get ready
   */
  restart(this: void): Promise<void>;
  /** Makes it stand still (SIGSTOP): its connections stay open, and nobody answers. */
  freeze(this: void): Promise<void>;
  /** Lets it go on (SIGCONT). */
  thaw(this: void): Promise<void>;
  /** Empties it while it runs, which is faster than a new one. */
  reset(this: void): Promise<void>;
  /** All that it has written to its output, of every start; also after its end. */
  logs(this: void): string;
  /** Ends it for good, at once, and deletes its files. */
  [Symbol.asyncDispose](): Promise<void>;
}
