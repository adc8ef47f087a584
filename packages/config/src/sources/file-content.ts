import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { ConfigReadReason } from './read-error.ts';

/** What there is at a path: the bytes of a file, or why there are none. */
export type FileContent =
  /** The key is the same exactly when the content is. */
  | { readonly key: string; readonly bytes: Uint8Array }
  | {
      readonly key: string;
      readonly reason: ConfigReadReason;
      readonly message: string;
      readonly cause?: unknown;
    };

/** A file that changes while it is read is read again, but not for ever. */
const maxReads = 5;

/** Reads what is at a path now. Never rejects. */
export async function readContent(path: string, maxBytes: number): Promise<FileContent> {
  let handle: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a pipe would wait for somebody who writes into it.
    handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    return await readHandle(handle, maxBytes);
  } catch (error) {
    return failed(error as NodeJS.ErrnoException);
  } finally {
    await handle?.close().catch(() => {});
  }
}

async function readHandle(handle: FileHandle, maxBytes: number): Promise<FileContent> {
  for (let reads = 1; ; reads++) {
    const before = await handle.stat({ bigint: true });
    if (!before.isFile())
      return { key: 'no file', reason: 'unreachable', message: 'is not a file' };
    const bytes = await readUpTo(handle, maxBytes);
    if (bytes === undefined) {
      const message = `is larger than ${maxBytes} bytes`;
      return { key: 'too large', reason: 'too-large', message };
    }
    const after = await handle.stat({ bigint: true });
    const isWhole = before.mtimeNs === after.mtimeNs && before.size === after.size;
    if (isWhole || reads === maxReads) return { key: digest(bytes), bytes };
  }
}

/** The bytes; undefined if there are more than that. */
async function readUpTo(handle: FileHandle, maxBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(65_536);
    const { bytesRead } = await handle.read(chunk, 0, chunk.byteLength, length);
    if (bytesRead === 0) return Buffer.concat(chunks, length);
    length += bytesRead;
    if (length > maxBytes) return undefined;
    chunks.push(chunk.subarray(0, bytesRead));
  }
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function failed(error: NodeJS.ErrnoException): FileContent {
  const { code = 'unknown', message } = error;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return { key: 'missing', reason: 'missing', message: 'does not exist', cause: error };
  }
  return {
    key: `error ${code}`,
    reason: 'unreachable',
    message: `cannot be read: ${message}`,
    cause: error,
  };
}
