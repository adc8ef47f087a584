import { createHash } from 'node:crypto';
import type { RedisLink } from './redis-client.ts';

/** Whether Redis has forgotten the script: it was flushed, or the server is another one. */
function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

/** A script with one key, which Redis knows by its hash once it has seen it. */
export class RedisScript {
  private readonly source: string;
  private hash: string | undefined = undefined;

  constructor(source: string) {
    this.source = source;
  }

  /** Runs it, and loads it first where that is needed. */
  async run(link: RedisLink, key: string, args: readonly string[]): Promise<string> {
    const { source } = this;
    const hash = (this.hash ??= createHash('sha1').update(source).digest('hex'));
    try {
      return String(await link.send(['EVALSHA', hash, '1', key, ...args], key));
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
    }
    return String(await link.send(['EVAL', source, '1', key, ...args], key));
  }
}
