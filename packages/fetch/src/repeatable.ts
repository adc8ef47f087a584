/** What is known of a request when somebody asks whether it may be sent again. */
export interface RequestFacts {
  /** The method, in capitals. */
  readonly method: string;
  /** The headers that will be sent, before fetch adds its own. */
  readonly headers: Headers;
}

/** Methods that may be repeated without harm (RFC 9110, 9.2.2, and QUERY). */
const idempotentMethods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PUT',
  'DELETE',
  'QUERY',
]);

/** The rule when the user gives none: an idempotent method, or a key that makes it one. */
export function isIdempotent({ method, headers }: RequestFacts): boolean {
  return idempotentMethods.has(method) || headers.has('idempotency-key');
}

/** Collects the facts as fetch would: `init` counts before the request. */
export function factsOf(request: Request | undefined, init: RequestInit | undefined): RequestFacts {
  const method = init?.method ?? request?.method ?? 'GET';
  return {
    method: method.toUpperCase(),
    headers: new Headers(init?.headers ?? request?.headers),
  };
}
