import { systemClock } from '@holdfast/policy';
import { BodyTooLarge, boundedText } from './bounded-body.ts';
import { ConfigReadError, type ConfigReadReason } from './read-error.ts';
import { springData, springEnvironment } from './spring-environment.ts';
import type { ConfigHeaders, SpringConfigSourceOptions } from './spring-options.ts';
import type { SpringTarget } from './spring-request.ts';
import { withDeadline } from './with-deadline.ts';

/** What the server has, its data as text, so that two of them can be compared. */
export interface SpringState {
  readonly json: string;
  readonly version: string | undefined;
}

/** An answer, and what the server calls it, to ask whether it is still the same. */
interface Answer {
  readonly etag: string;
  readonly state: SpringState;
}

const defaultMaxBytes = 4_194_304;
const defaultTimeoutMs = 5_000;

/** Asks one server for one configuration. */
export class SpringClient {
  private readonly options: SpringConfigSourceOptions;
  private readonly target: SpringTarget;
  /** What errors call it. */
  private readonly source: string;
  private lastAnswer: Answer | undefined;

  constructor(options: SpringConfigSourceOptions, target: SpringTarget, source: string) {
    this.options = options;
    this.target = target;
    this.source = source;
  }

  /** Asks once; rejects with a `ConfigReadError`, or with the reason of the signal. */
  async get(signal: AbortSignal): Promise<SpringState> {
    const { clock = systemClock, timeoutMs = defaultTimeoutMs } = this.options;
    const late = (): Error => this.error('timeout', `did not answer within ${timeoutMs} ms`);
    return withDeadline({ clock, timeoutMs, signal, late }, async (both) => {
      const response = await this.request(both);
      if (response.status === 304 && this.lastAnswer !== undefined) {
        discard(response);
        return this.lastAnswer.state;
      }
      return this.accept(response);
    });
  }

  private async request(signal: AbortSignal): Promise<Response> {
    // Looked up now: whoever instruments the global one does so after this module has loaded.
    const { headers = {}, fetch = globalThis.fetch } = this.options;
    const own = typeof headers === 'function' ? await headers() : headers;
    const match = this.lastAnswer === undefined ? {} : { 'if-none-match': this.lastAnswer.etag };
    const { address } = this.target;
    const all = { ...this.target.headers, ...match, ...own };
    this.checkHeaders(all);
    try {
      return await fetch(address, {
        headers: all,
        // A redirect might lead the token to another server.
        redirect: 'manual',
        signal,
      });
    } catch (error) {
      throw this.error('unreachable', `cannot be reached: ${deepestMessage(error)}`, error);
    }
  }

  /** What is wrong with a header is not told by `fetch` without the value, which may be a secret. */
  private checkHeaders(headers: ConfigHeaders): void {
    const wrong = Object.entries(headers).find(([name, value]) => !canBeSent(name, value));
    if (wrong === undefined) return;
    throw this.error(
      'unreachable',
      `cannot be asked: the value of the header ${wrong[0]} cannot be sent`,
    );
  }

  private async accept(response: Response): Promise<SpringState> {
    if (response.status !== 200) {
      discard(response);
      const redirects = [301, 302, 303, 307, 308].includes(response.status);
      const hint = redirects ? '; redirects are not followed' : '';
      throw this.error('unexpected', `answered ${response.status}${hint}`);
    }
    const state = this.stateOf(await this.text(response));
    const etag = response.headers.get('etag');
    this.lastAnswer = etag === null ? undefined : { etag, state };
    return state;
  }

  private async text(response: Response): Promise<string> {
    const { maxBytes = defaultMaxBytes } = this.options;
    try {
      return await boundedText(response, maxBytes);
    } catch (error) {
      if (error instanceof BodyTooLarge) {
        throw this.error('too-large', `answered more than ${maxBytes} bytes`);
      }
      throw this.error('unreachable', `broke off its answer: ${deepestMessage(error)}`, error);
    }
  }

  private stateOf(text: string): SpringState {
    const { prefix = 'holdfast', optional = false } = this.options;
    const environment = springEnvironment(parsed(text));
    if (environment === undefined) {
      throw this.error('unexpected', 'answered 200, but not as a Spring Cloud Config Server does');
    }
    const found = springData(environment, prefix === '' ? [] : prefix.split('.'));
    if (found.problems.length > 0) {
      throw this.error('malformed', `has properties that do not fit: ${found.problems.join('; ')}`);
    }
    if (found.data === undefined && !optional) {
      throw this.error(
        'missing',
        prefix === '' ? 'has no properties' : `has nothing below ${prefix}`,
      );
    }
    return { json: JSON.stringify(found.data ?? {}), version: environment.version };
  }

  private error(reason: ConfigReadReason, what: string, cause?: unknown): ConfigReadError {
    return new ConfigReadError(`${this.target.address} ${what}`, {
      source: this.source,
      reason,
      cause,
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function canBeSent(name: string, value: string): boolean {
  try {
    return new Headers({ [name]: value }).has(name);
  } catch {
    return false;
  }
}

function discard(response: Response): void {
  // Whether the rest of it can be got at does not matter.
  response.body?.cancel().catch(() => {});
}

/** `fetch failed` says nothing; its cause does. */
function deepestMessage(error: unknown): string {
  let deepest = error;
  for (
    let depth = 0;
    depth < 5 && deepest instanceof Error && deepest.cause instanceof Error;
    depth++
  ) {
    deepest = deepest.cause;
  }
  const { code, message } = deepest as { readonly code?: unknown; readonly message?: unknown };
  if (typeof message === 'string' && message !== '') return message;
  return typeof code === 'string' ? code : String(deepest);
}
