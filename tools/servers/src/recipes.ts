import { postgres, type PostgresOptions, type PostgresServer } from '../postgres/postgres.ts';
import { redis, type RedisOptions, type RedisServer } from '../redis/redis.ts';
import {
  springCloudConfig,
  type SpringCloudConfigOptions,
  type SpringCloudConfigServer,
} from '../spring-cloud-config/spring-cloud-config.ts';
import { toxiproxy, type ToxiproxyOptions, type ToxiproxyServer } from '../toxiproxy/toxiproxy.ts';
import type { Recipe } from './recipe.ts';

/** What each kind of server takes and gives. A new one is a line here, one below, and a folder. */
interface Kinds {
  readonly redis: { readonly options: RedisOptions; readonly server: RedisServer };
  readonly postgres: { readonly options: PostgresOptions; readonly server: PostgresServer };
  readonly 'spring-cloud-config': {
    readonly options: SpringCloudConfigOptions;
    readonly server: SpringCloudConfigServer;
  };
  readonly toxiproxy: { readonly options: ToxiproxyOptions; readonly server: ToxiproxyServer };
}

/** The name of a kind of server. */
export type ServerName = keyof Kinds;

/** What `startServer` takes for a kind of server. */
export type OptionsOf<Name extends ServerName> = Kinds[Name]['options'];

/** What `startServer` gives for a kind of server. */
export type ServerOf<Name extends ServerName> = Kinds[Name]['server'];

/** All kinds of servers, by name. */
export const recipes: {
  readonly [Name in ServerName]: Recipe<OptionsOf<Name>, ServerOf<Name>>;
} = { redis, postgres, toxiproxy, 'spring-cloud-config': springCloudConfig };

/** All names, in the order of the list above. */
export const serverNames: readonly ServerName[] = Object.keys(recipes) as ServerName[];

/** Whether a text is the name of a kind of server. */
export function isServerName(name: string): name is ServerName {
  return Object.hasOwn(recipes, name);
}
