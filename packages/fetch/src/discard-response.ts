import { watchedBodyOf } from './watched-response.ts';

/**
 * Ends the body of a response that nobody will read, so that its connection and its place in a
 * bulkhead are free at once.
 */
export function discardResponse(response: Response): void {
  const watched = watchedBodyOf(response);
  if (watched !== undefined) watched.discard();
  else if (response.body !== null && !response.body.locked) response.body.cancel().catch(() => {});
}
