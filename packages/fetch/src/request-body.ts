/** What fetch takes as a body. */
export type Body = NonNullable<RequestInit['body']>;

/** The body of a request, for as many attempts as it allows. */
export interface RequestBody {
  /** False for a stream: it can be sent once only. */
  readonly canReplay: boolean;
  /** The body for one attempt; undefined when the request has none, or brings its own. */
  make(): Body | undefined;
}

const noBody: RequestBody = { canReplay: true, make: () => undefined };

/** The body that a `Request` brings is a stream by now, whatever it was made from. */
const ownStream: RequestBody = { canReplay: false, make: () => undefined };

function copyForm(form: FormData): FormData {
  const copy = new FormData();
  for (const [name, value] of form.entries()) {
    if (typeof value === 'string') copy.append(name, value);
    else copy.append(name, value, value.name);
  }
  return copy;
}

/** A copy, as fetch takes one at once: what the caller does to the body later must not be sent. */
function snapshot(body: Body): Body | undefined {
  if (typeof body === 'string' || body instanceof Blob) return body;
  if (body instanceof URLSearchParams) return new URLSearchParams(body);
  if (body instanceof ArrayBuffer) return body.slice(0);
  if (ArrayBuffer.isView(body)) {
    return new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice();
  }
  return body instanceof FormData ? copyForm(body) : undefined;
}

/** Whether an object is one that fetch itself would send piece by piece. */
function isStream(body: object): boolean {
  return body instanceof ReadableStream || Symbol.asyncIterator in body;
}

/** Says how the body of a call can be sent. */
export function requestBody(
  body: Body | (() => Body) | null | undefined,
  request: Request | undefined,
): RequestBody {
  if (body === undefined || body === null) {
    return body === undefined && request !== undefined && request.body !== null
      ? ownStream
      : noBody;
  }
  if (typeof body === 'function') return { canReplay: true, make: body };
  const copy = snapshot(body);
  if (copy !== undefined) return { canReplay: true, make: () => copy };
  // Whatever else there is, fetch makes a string of it.
  return { canReplay: typeof body !== 'object' || !isStream(body), make: () => body };
}
