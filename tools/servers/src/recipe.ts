import type { Launch } from './launch.ts';
import type { Server } from './server.ts';
import type { Site } from './site.ts';
import type { Source } from './install/source.ts';

/** What every server can be started with. */
export interface CommonOptions {
  /** More arguments of the program, after ours. */
  readonly args?: readonly string[] | undefined;
  /** More variables of its environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /**
   * The port for clients.
   * @default a free one
   */
  readonly port?: number | undefined;
  /**
   * How long it may take until it answers, in milliseconds.
   * @default what the recipe says
   */
  readonly readyTimeoutMs?: number | undefined;
}

/** One node that is to be started: where, with what, and among whom. */
export interface Node<Options> {
  readonly site: Site;
  readonly options: Options;
  /** The sites of all nodes of its cluster, its own included. */
  readonly cluster: readonly Site[];
  /** The files that the installation has left, by name: programs, archives. */
  readonly files: Readonly<Record<string, string>>;
}

/** How one kind of server is got, started, recognized as ready, and emptied. */
export interface Recipe<Options extends CommonOptions, Result extends Server> {
  /** Its name in `startServer` and on the command line, and the name of its folder. */
  readonly name: string;
  /** How it gets onto the machine. */
  readonly source: Source;
  /** Names of ports that it needs besides that for clients: `['peer']`. */
  readonly ports?: readonly string[] | undefined;
  /** How long a start may take, in milliseconds, on a machine with other work. */
  readonly readyTimeoutMs: number;
  /** The signal that asks it to end; after ten seconds it is killed. */
  readonly stopSignal: NodeJS.Signals;
  /** The URL for clients. */
  url(node: Node<Options>): string;
  /** Fills the folder, once, before the first start. */
  prepare?(node: Node<Options>): Promise<void> | void;
  /** What to run; without the options that all servers have. */
  launch(node: Node<Options>): Launch;
  /** Whether it serves. Asked when it listens on its port, until the answer is yes. */
  isReady(node: Node<Options>): Promise<boolean>;
  /** Empties it while it runs. */
  reset(node: Node<Options>): Promise<void>;
  /** Adds to the server what only this kind can do. */
  extend(server: Server, node: Node<Options>): Result;
}
