/** A body was larger than allowed. */
export class BodyTooLarge extends Error {}

/**
 * The text of a body, of which no more is taken in than `maxBytes`.
 *
 * @throws {@link BodyTooLarge} as soon as there is more; the rest is not read.
 */
export async function boundedText(response: Response, maxBytes: number): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks).toString('utf8');
    bytes += value.byteLength;
    if (bytes > maxBytes) {
      discardRest(reader);
      throw new BodyTooLarge();
    }
    chunks.push(value);
  }
}

function discardRest(reader: ReadableStreamDefaultReader<Uint8Array>): void {
  // Nobody waits for the end of a connection that is not needed any more.
  reader.cancel().catch(() => {});
}
