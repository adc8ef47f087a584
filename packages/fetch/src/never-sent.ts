/** Codes of errors that happen before a connection stands: not one byte of a request was sent. */
const neverSentCodes: ReadonlySet<unknown> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** How deep the causes of an error are followed: a chain may be a ring. */
const deepest = 8;

interface ErrorParts {
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

function partsOf(error: unknown): ErrorParts | undefined {
  return typeof error === 'object' && error !== null ? error : undefined;
}

/** The errors at the bottom: fetch wraps them as `cause`, "happy eyeballs" as `errors`. */
function rootsOf(error: unknown, depth: number): readonly ErrorParts[] {
  const parts = partsOf(error);
  if (parts === undefined || depth > deepest) return [];
  if (Array.isArray(parts.errors) && parts.errors.length > 0) {
    return parts.errors.flatMap((each) => rootsOf(each, depth + 1));
  }
  return partsOf(parts.cause) === undefined ? [parts] : rootsOf(parts.cause, depth + 1);
}

function isNeverSentRoot({ code, syscall }: ErrorParts): boolean {
  return neverSentCodes.has(code) || (code === 'ETIMEDOUT' && syscall === 'connect');
}

/** Whether an error says for certain that the request never left. */
export function isNeverSent(error: unknown): boolean {
  const roots = rootsOf(error, 0);
  return roots.length > 0 && roots.every(isNeverSentRoot);
}
