import { invalidOption } from '@holdfast/policy';

/** A client, or a pool of clients, of the package `redis`, from 5 on. */
export interface NodeRedisClient {
  /** Sends a command. */
  sendCommand(args: string[]): Promise<unknown>;
  /** Whether commands go out at once. */
  readonly isReady?: boolean;
}

/** A cluster of the package `redis`, from 5 on. */
export interface NodeRedisCluster {
  /** Sends a command to the node that has the key. */
  sendCommand(
    firstKey: string | undefined,
    isReadonly: boolean | undefined,
    args: string[],
  ): Promise<unknown>;
  /** The nodes. */
  readonly masters: readonly unknown[];
  /** Whether commands go out at once. */
  readonly isReady?: boolean;
}

/** A client or a cluster of the package `ioredis`. */
export interface IoredisClient {
  /** Sends a command. */
  call(command: string, ...args: string[]): Promise<unknown>;
  /** How its connection is: commands go out at once when it is `'ready'`. */
  readonly status: string;
}

/**
 * Sends a command with any other client, to the node that has the key, and answers what Redis answered;
 * rejects when it answers an error or cannot be reached.
 */
export type RedisCommand = (args: readonly string[], key: string) => Promise<unknown>;

/** Who talks to Redis: a client of `redis` or `ioredis`, or a function around any other. */
export type RedisClient = NodeRedisClient | NodeRedisCluster | IoredisClient | RedisCommand;

/** A client, whichever it is. */
export interface RedisLink {
  /** Whether a command would go out at once; true where nobody knows. */
  isReady(): boolean;
  send(args: readonly string[], key: string): Promise<unknown>;
}

function linkOfIoredis(client: IoredisClient): RedisLink {
  return {
    // A lazy one connects at the first command.
    isReady: () => client.status === 'ready' || client.status === 'wait',
    send: ([command = '', ...args]) => client.call(command, ...args),
  };
}

function linkOfNodeRedis(client: NodeRedisClient | NodeRedisCluster): RedisLink {
  const isReady = (): boolean => client.isReady ?? true;
  return 'masters' in client
    ? { isReady, send: (args, key) => client.sendCommand(key, false, [...args]) }
    : { isReady, send: (args) => client.sendCommand([...args]) };
}

/** Returns the link of a client, or throws a `TypeError` that names the option. */
export function linkOf(client: RedisClient): RedisLink {
  if (typeof client === 'function') return { isReady: () => true, send: client };
  const methods = (client ?? {}) as Partial<IoredisClient & NodeRedisClient>;
  // Clients of ioredis have a `sendCommand` too, which takes something else.
  if (typeof methods.call === 'function') return linkOfIoredis(client as IoredisClient);
  if (typeof methods.sendCommand === 'function') return linkOfNodeRedis(client as NodeRedisClient);
  const expected = 'a client of redis or ioredis, or a function that sends a command';
  throw invalidOption('client', expected, client, TypeError);
}
