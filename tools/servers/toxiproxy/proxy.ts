import { request } from './request.ts';

/** What a proxy stands in front of. */
export interface ProxyOptions {
  /** `host:port` of the server behind: the `address` of any server of ours. */
  readonly upstream: string;
  /**
   * How it is called in the logs.
   * @default `proxy-1` and so on
   */
  readonly name?: string | undefined;
}

/** Which way a fault acts: on what the server sends, or on what the client sends. */
export type Direction = 'downstream' | 'upstream';

/** A fault that is in force until it is removed. */
export interface Toxic extends AsyncDisposable {
  readonly name: string;
  remove(): Promise<void>;
}

/** What every fault takes. */
interface FaultOptions {
  /** @default 'downstream' */
  readonly direction?: Direction | undefined;
}

/** A proxy in front of a server. Faults act on connections that are open as well. */
export interface Proxy {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** `host:port` */
  readonly address: string;
  readonly upstream: string;
  /** Delays all data, by so many milliseconds more or less the jitter. */
  latency(
    options: FaultOptions & { readonly ms: number; readonly jitterMs?: number },
  ): Promise<Toxic>;
  /** Passes no data, and closes connections after so many milliseconds; 0: never. */
  timeout(options: FaultOptions & { readonly ms: number }): Promise<Toxic>;
  /** Resets connections (RST) after so many milliseconds. */
  resetPeer(options?: FaultOptions & { readonly afterMs?: number }): Promise<Toxic>;
  /** Lets so many kilobytes through in a second. */
  bandwidth(options: FaultOptions & { readonly kilobytesPerSecond: number }): Promise<Toxic>;
  /** Closes all connections and refuses new ones. */
  down(): Promise<void>;
  /** Ends what `down` began. */
  up(): Promise<void>;
  /** Removes all faults and takes connections again. */
  clear(): Promise<void>;
}

/** Where a proxy is and what it stands in front of. */
interface ProxySpec {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly upstream: string;
  /** `host:port` of the Toxiproxy itself. */
  readonly api: string;
}

/** Makes a proxy known to us; `create` makes it known to the Toxiproxy, again after each restart. */
export function makeProxy(spec: ProxySpec): Proxy & { create(): Promise<void> } {
  const { name, host, port, upstream, api } = spec;
  const path = `/proxies/${name}`;
  const address = `${host}:${port}`;
  let made = 0;

  async function add(type: string, attributes: object, options: FaultOptions = {}): Promise<Toxic> {
    const toxic = `${type}-${(made += 1)}`;
    const stream = options.direction ?? 'downstream';
    await request(api, 'POST', `${path}/toxics`, { name: toxic, type, stream, attributes });
    const remove = async (): Promise<void> => {
      await request(api, 'DELETE', `${path}/toxics/${toxic}`);
    };
    return { name: toxic, remove, [Symbol.asyncDispose]: remove };
  }

  async function enable(enabled: boolean): Promise<void> {
    await request(api, 'POST', path, { enabled });
  }

  return {
    name,
    host,
    port,
    address,
    upstream,
    latency: ({ ms, jitterMs = 0, ...rest }) =>
      add('latency', { latency: ms, jitter: jitterMs }, rest),
    timeout: ({ ms, ...rest }) => add('timeout', { timeout: ms }, rest),
    resetPeer: ({ afterMs = 0, ...rest } = {}) => add('reset_peer', { timeout: afterMs }, rest),
    bandwidth: ({ kilobytesPerSecond, ...rest }) =>
      add('bandwidth', { rate: kilobytesPerSecond }, rest),
    down: () => enable(false),
    up: () => enable(true),
    async clear() {
      const toxics = JSON.parse(await request(api, 'GET', `${path}/toxics`)) as { name: string }[];
      for (const toxic of toxics) await request(api, 'DELETE', `${path}/toxics/${toxic.name}`);
      await enable(true);
    },
    async create() {
      await request(api, 'POST', '/proxies', { name, listen: address, upstream, enabled: true });
    },
  };
}
