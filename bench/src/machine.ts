import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus, platform } from 'node:os';

const peers = [
  'cockatiel',
  'opossum',
  'p-retry',
  'p-timeout',
  'p-limit',
  'p-queue',
  'bottleneck',
  'mollitia',
  'effect',
  'rate-limiter-flexible',
  'limiter',
];

/** The version of a peer; its package.json need not be among its exports. */
export function versionOf(name: string): string {
  for (const folder of createRequire(import.meta.url).resolve.paths(name) ?? []) {
    try {
      const text = readFileSync(`${folder}/${name}/package.json`, 'utf8');
      return (JSON.parse(text) as { version: string }).version;
    } catch {
      // It is installed further up.
    }
  }
  return 'unknown';
}

/** The versions of all peers, by name. */
export function peerVersions(): Record<string, string> {
  return Object.fromEntries(peers.map((name) => [name, versionOf(name)]));
}

/** `'linux x64, 2 x AMD EPYC'` */
export function machine(): string {
  const [cpu] = cpus();
  return `${platform()} ${arch()}, ${cpus().length} x ${cpu?.model ?? 'unknown'}`;
}
