export { startCluster, startServer, type Cluster } from './start-server.ts';
export { ServerMissingError, ServerStartError, installCommand } from './errors.ts';
export { serverNames, type OptionsOf, type ServerName, type ServerOf } from './recipes.ts';
export type { CommonOptions } from './recipe.ts';
export type { Server, ServerState } from './server.ts';
export type { RedisOptions, RedisServer } from '../redis/redis.ts';
export type { PostgresOptions, PostgresServer } from '../postgres/postgres.ts';
export type {
  SpringCloudConfigOptions,
  SpringCloudConfigServer,
} from '../spring-cloud-config/spring-cloud-config.ts';
export type {
  Direction,
  Proxy,
  ProxyOptions,
  Toxic,
  ToxiproxyOptions,
  ToxiproxyServer,
} from '../toxiproxy/toxiproxy.ts';
