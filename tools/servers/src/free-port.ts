import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { descendantsOf } from './process-tree.ts';

// Below what systems give to outgoing connections (Linux from 32768, macOS from 49152): while a server
// is down, no client's connection can take its port, nor meet itself there.
const lowest = 15_000;
const highest = 32_000;

/** A port of this machine on which nothing listens. Somebody else may take it a moment later. */
export async function findFreePort(host = '127.0.0.1'): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, highest);
    if (await isFree(port, host)) return port;
  }
}

/** Whether one can listen on the port. */
export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Whether the last words of a server say that its port was taken. */
export function saysPortIsTaken(logs: string): boolean {
  return /address already in use|EADDRINUSE|port \d+ (is|was) already in use/i.test(logs);
}

/**
 * Whether a process, or one below it, listens on the port. Without `/proc` it is enough that somebody
 * does.
 */
export async function listensOn(pid: number, port: number, host = '127.0.0.1'): Promise<boolean> {
  const sockets = listeningSockets(port);
  if (sockets === undefined) return answers(port, host);
  if (sockets.size === 0) return false;
  return [pid, ...descendantsOf(pid)].some((one) => holdsOneOf(one, sockets));
}

function answers(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function listeningSockets(port: number): Set<string> | undefined {
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map((file) => read(file));
  if (tables[0] === undefined) return undefined;
  return new Set(tables.flatMap((table) => parseListening(table ?? '', port)));
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** The inodes of the sockets that listen on a port, from the text of `/proc/net/tcp`. */
export function parseListening(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const listening = '0A';
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix) === true && fields[3] === listening)
    .map((fields) => fields[9] ?? '');
}

function holdsOneOf(pid: number, sockets: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      const target = readLink(`/proc/${pid}/fd/${fd}`);
      return target.startsWith('socket:[') && sockets.has(target.slice(8, -1));
    });
  } catch {
    return false;
  }
}

function readLink(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
