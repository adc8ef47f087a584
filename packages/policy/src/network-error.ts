/** How deep the causes of an error are followed: a chain may be a ring. */
const deepest = 8;

/** Codes of a failed system call (Node's own begin with `ERR_`), of undici and of the HTTP parser. */
const networkCode = /^(?:E(?!RR_)[A-Z0-9_]+|UND_ERR_[A-Z0-9_]+|HPE_[A-Z0-9_]+)$/;

/** Among these, what another attempt meets again: the request or the client is at fault. */
const permanentCode =
  /^UND_ERR_(?:INVALID_|CLOSED$|DESTROYED$|NOT_SUPPORTED$|REQ_CONTENT_LENGTH_MISMATCH$|RES_EXCEEDED_MAX_SIZE$|HEADERS_OVERFLOW$|MAX_ORIGINS_REACHED$)/;

/** Codes of Node for a connection that broke, not for a request that was wrong. */
const brokenConnectionCodes: ReadonlySet<string> = new Set([
  'ERR_HTTP2_GOAWAY_SESSION',
  'ERR_HTTP2_SESSION_ERROR',
  'ERR_HTTP2_STREAM_CANCEL',
  'ERR_HTTP2_STREAM_ERROR',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

function isOfNetwork(code: unknown): boolean {
  if (typeof code !== 'string') return false;
  return brokenConnectionCodes.has(code) || (networkCode.test(code) && !permanentCode.test(code));
}

function hasNetworkCode(error: unknown, depth: number): boolean {
  if (typeof error !== 'object' || error === null || depth > deepest) return false;
  const { cause, code, errors } = error as Readonly<Record<'cause' | 'code' | 'errors', unknown>>;
  if (isOfNetwork(code) || hasNetworkCode(cause, depth + 1)) return true;
  return Array.isArray(errors) && errors.some((each) => hasNetworkCode(each, depth + 1));
}

/**
 * Whether an error comes from the network: its `code`, or that of its `cause`, of its `errors` and so
 * on, is the one of a failed system call (`ECONNRESET`), of a connection of undici (`UND_ERR_SOCKET`)
 * or of HTTP/2, or of the HTTP parser (`HPE_…`). Messages are not looked at.
 *
 * `fetch` throws a `TypeError` when the network fails, as it does for a URL or a header that cannot be
 * used; the codes of their causes tell the two apart.
 */
export function isNetworkError(error: unknown): boolean {
  return hasNetworkCode(error, 0);
}
