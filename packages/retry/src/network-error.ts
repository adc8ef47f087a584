/** Causes of causes are looked at, but not without end. */
const deepest = 8;

/** Codes of undici and of HTTP/2 for a connection that failed, not for a request that was wrong. */
const transportCodes: ReadonlySet<string> = new Set([
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'ERR_HTTP2_GOAWAY_SESSION',
  'ERR_HTTP2_SESSION_ERROR',
  'ERR_HTTP2_STREAM_ERROR',
  'ERR_HTTP2_STREAM_CANCEL',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/** Codes of system calls, such as `ECONNRESET` (Node's own begin with `ERR_`), and of the HTTP parser. */
const systemCode = /^(?:E(?!RR_)[A-Z0-9_]+|HPE_[A-Z0-9_]+)$/;

/**
 * Whether an error comes from the network: its `code`, or that of its `cause` and so on, is the one
 * of a failed system call (`ECONNRESET`), of a connection of undici (`UND_ERR_SOCKET`) or of the HTTP
 * parser (`HPE_…`). Messages are not looked at.
 *
 * `fetch` throws a `TypeError` when the network fails, as it does for a URL or a header that cannot be
 * used; the codes of their causes tell the two apart.
 */
export function isNetworkError(error: unknown): boolean {
  let present = error;
  for (let depth = 0; depth < deepest; depth++) {
    if (typeof present !== 'object' || present === null) return false;
    const { code, cause } = present as { readonly code?: unknown; readonly cause?: unknown };
    if (typeof code === 'string' && (systemCode.test(code) || transportCodes.has(code)))
      return true;
    present = cause;
  }
  return false;
}
