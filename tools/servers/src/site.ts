import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from './free-port.ts';
import { unwatch, watch } from './guard.ts';

/** Where one server lives: its folder and its ports, the same for every start. */
export interface Site {
  /** Its place among the nodes of a cluster, from 0. */
  readonly index: number;
  readonly host: string;
  /** The port that clients use. */
  readonly port: number;
  /** `host:port` */
  readonly address: string;
  /** Other ports by name, those that the recipe asks for. */
  readonly ports: Readonly<Record<string, number>>;
  /** An empty folder at first; deleted in the end. */
  readonly folder: string;
  /** Outside of the folder's part that the server may write to. */
  readonly logFile: string;
}

/** What a site shall have. */
export interface SiteRequest {
  readonly name: string;
  readonly index: number;
  /** Names of more ports. */
  readonly ports: readonly string[];
  /** @default a free one */
  readonly port?: number | undefined;
}

/** Finds ports and makes a folder, which is deleted when this process ends in whatever way. */
export async function makeSite(request: SiteRequest): Promise<Site> {
  const host = '127.0.0.1';
  const port = request.port ?? (await findFreePort(host));
  const ports: Record<string, number> = {};
  for (const name of request.ports) ports[name] = await findFreePort(host);
  const root = join(tmpdir(), `holdfast-${request.name}-${randomUUID()}`);
  const folder = join(root, 'data');
  await watch({ folder: root });
  mkdirSync(folder, { recursive: true });
  return {
    index: request.index,
    host,
    port,
    address: `${host}:${port}`,
    ports,
    folder,
    logFile: join(root, 'server.log'),
  };
}

/** Deletes the folder of a site. */
export async function removeSite(site: Site): Promise<void> {
  const folder = join(site.folder, '..');
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  await unwatch({ folder });
}
