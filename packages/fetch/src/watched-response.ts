import { WatchedBody, type BodyLimits } from './watched-body.ts';

/** The watched bodies of the responses that this package has handed out. */
const bodies = new WeakMap<Response, WatchedBody>();

/** What a constructor of responses cannot be told: where they came from. */
const originKeys = ['url', 'redirected', 'type'] as const;

function withOrigin(response: Response, origin: Response): Response {
  for (const key of originKeys) {
    Object.defineProperty(response, key, { value: origin[key], configurable: true });
  }
  const clone = (): Response => {
    const prototype = Object.getPrototypeOf(response) as Response;
    return withOrigin(prototype.clone.call(response), origin);
  };
  Object.defineProperty(response, 'clone', { value: clone, configurable: true });
  return response;
}

/**
 * The same response with a body that is watched, of the same class: undici's own fetch has another
 * `Response` than Node.
 */
export function watchedResponse(
  response: Response & { readonly body: NonNullable<Response['body']> },
  limits: BodyLimits,
): { readonly watched: Response; readonly body: WatchedBody } {
  const body = new WatchedBody(response.body as ReadableStream<Uint8Array>, limits);
  const { status, statusText, headers } = response;
  const Class = response.constructor as typeof Response;
  const watched = withOrigin(new Class(body.open(), { status, statusText, headers }), response);
  bodies.set(watched, body);
  return { watched, body };
}

/** The watched body of a response, if it has one. */
export function watchedBodyOf(response: Response): WatchedBody | undefined {
  return bodies.get(response);
}
