import { invalidOption } from '@holdfast/policy';

/** The bytes of a body and what they are. */
export interface AnswerBody {
  readonly bytes: Uint8Array;
  readonly contentType: string | undefined;
}

/** Turns text, bytes or a value for JSON into a body; throws a TypeError if that cannot be done. */
export function answerBody(body: unknown): AnswerBody {
  if (body === undefined) return { bytes: new Uint8Array(), contentType: undefined };
  if (typeof body === 'string') {
    return { bytes: Buffer.from(body), contentType: 'text/plain; charset=utf-8' };
  }
  if (body instanceof Uint8Array) {
    return { bytes: Uint8Array.from(body), contentType: 'application/octet-stream' };
  }
  return { bytes: Buffer.from(json(body)), contentType: 'application/json' };
}

function json(body: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(body);
  } catch (cause) {
    throw new TypeError('Expected `body` to be text, bytes or a value for JSON.', { cause });
  }
  if (text === undefined) {
    throw invalidOption('body', 'text, bytes or a value for JSON', body, TypeError);
  }
  return text;
}
