import { goModule } from '../src/install/go.ts';
import { findFreePort } from '../src/free-port.ts';
import type { CommonOptions, Recipe } from '../src/recipe.ts';
import type { Server } from '../src/server.ts';
import { makeProxy, type Proxy, type ProxyOptions } from './proxy.ts';
import { request } from './request.ts';

export type { Direction, Proxy, ProxyOptions, Toxic } from './proxy.ts';

/** How a Toxiproxy is started; it has no options of its own. */
export type ToxiproxyOptions = CommonOptions;

/** A Toxiproxy; `reset` removes all its proxies, and `restart` brings them back without faults. */
export interface ToxiproxyServer extends Server {
  /** Puts a proxy in front of a server: clients use the proxy's address in place of the server's. */
  proxy(options: ProxyOptions): Promise<Proxy>;
}

const version = '2.5.0';

/** Toxiproxy, for faults of the network between a client and a server. */
export const toxiproxy: Recipe<ToxiproxyOptions, ToxiproxyServer> = {
  name: 'toxiproxy',
  source: goModule({
    name: 'toxiproxy',
    version,
    package: 'github.com/Shopify/toxiproxy/v2/cmd/server',
    linkerFlags: `-X github.com/Shopify/toxiproxy/v2.Version=${version}`,
    estimateSeconds: 30,
  }),
  readyTimeoutMs: 20_000,
  stopSignal: 'SIGTERM',
  url: ({ site }) => `http://${site.address}`,
  launch: ({ site, files }) => ({
    command: files['program'] ?? '',
    args: ['-host', site.host, '-port', String(site.port)],
  }),
  isReady: async ({ site }) => (await request(site.address, 'GET', '/version')) !== '',
  async reset({ site }) {
    const proxies = JSON.parse(await request(site.address, 'GET', '/proxies')) as object;
    for (const name of Object.keys(proxies))
      await request(site.address, 'DELETE', `/proxies/${name}`);
  },
  extend(server) {
    const { restart, reset, address, host } = server;
    const proxies = new Map<string, ReturnType<typeof makeProxy>>();
    return Object.assign(server, {
      async proxy({ upstream, name = `proxy-${proxies.size + 1}` }: ProxyOptions): Promise<Proxy> {
        const port = await findFreePort(host);
        const proxy = makeProxy({ name, host, port, upstream, api: address });
        await proxy.create();
        proxies.set(name, proxy);
        return proxy;
      },
      async restart() {
        await restart();
        await Promise.all([...proxies.values()].map((proxy) => proxy.create()));
      },
      async reset() {
        await reset();
        proxies.clear();
      },
    });
  },
};
