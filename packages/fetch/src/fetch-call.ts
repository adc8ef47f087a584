import {
  type Clock,
  type ExecutionContext,
  type RetryBudget,
  TimeoutError,
} from '@holdfast/policy';
import { AttemptSignal } from './attempt-signal.ts';
import { discardResponse } from './discard-response.ts';
import { type NotRepeatableReason, RequestNotRepeatableError } from './errors.ts';
import { isNeverSent } from './never-sent.ts';
import { type RequestBody } from './request-body.ts';
import type { BodyLimits, WatchedBody } from './watched-body.ts';
import { watchedResponse } from './watched-response.ts';

/** What a call of a wrapped fetch sends, and how. */
export interface FetchPlan {
  readonly fetch: typeof fetch;
  readonly input: Parameters<typeof fetch>[0];
  readonly init: RequestInit | undefined;
  readonly body: RequestBody;
  readonly signal: AbortSignal | undefined;
  /** Whether it may be sent again although it may have reached the server. */
  readonly isRepeatable: boolean;
  readonly keepsDeadline: boolean;
  readonly clock: Clock;
  readonly policy: string;
}

/**
 * All attempts of one call. It is also what grants the retries of a call that must not be repeated
 * freely: so such a retry gives up with the answer of the attempt that ran.
 */
export class FetchCall implements RetryBudget {
  private readonly plan: FetchPlan;
  private readonly startedAt: number;
  private bodyIsUsed = false;
  private mayHaveArrived = false;
  private lastError: unknown;
  /** The body, not the response: what outlives a forgotten response must not keep it alive. */
  private lastBody: WatchedBody | undefined;

  constructor(plan: FetchPlan) {
    this.plan = plan;
    this.startedAt = plan.clock.now();
  }

  /** Whether every attempt is as good as the first. */
  get isFree(): boolean {
    return this.plan.isRepeatable && this.plan.body.canReplay;
  }

  async attempt(context: ExecutionContext): Promise<Response> {
    const obstacle = this.obstacle();
    if (obstacle !== undefined) throw this.notRepeatable(obstacle);
    this.dropEarlierResponse();
    const response = await this.send(context.signal);
    if (context.signal.aborted) {
      discardResponse(response);
      throw context.signal.reason;
    }
    return this.watch(response, context);
  }

  private async send(given: AbortSignal): Promise<Response> {
    const { body, fetch, init, input } = this.plan;
    const own = new AttemptSignal(given, this.plan.signal);
    const { signal } = own;
    const made = body.make();
    const arrivedBefore = this.mayHaveArrived;
    this.bodyIsUsed = !body.canReplay;
    this.mayHaveArrived = true;
    try {
      return await fetch(input, { ...init, ...(made === undefined ? {} : { body: made }), signal });
    } catch (error) {
      this.lastError = error;
      if (isNeverSent(error)) this.mayHaveArrived = arrivedBefore;
      throw error;
    } finally {
      own.detach();
    }
  }

  /** A response that a retry did not want must not hold a connection while the next one is fetched. */
  private dropEarlierResponse(): void {
    this.lastBody?.discard();
    this.lastBody = undefined;
  }

  private watch(response: Response, context: ExecutionContext): Response {
    if (!hasBody(response)) return response;
    const { watched, body } = watchedResponse(response, this.limits(context));
    this.lastBody = body;
    context.waitUntil(body.ended);
    return watched;
  }

  private limits(context: ExecutionContext): BodyLimits {
    const { clock, keepsDeadline, policy, signal } = this.plan;
    const { deadline = Number.POSITIVE_INFINITY } = context;
    const timeoutMs = deadline - this.startedAt;
    const message = `timed out after ${Math.round(timeoutMs)} ms, while the body was being read`;
    return {
      clock,
      signal,
      deadline: keepsDeadline && deadline !== Number.POSITIVE_INFINITY ? deadline : undefined,
      timeoutError: () => new TimeoutError(message, { timeoutMs, started: true, policy }),
    };
  }

  private obstacle(): NotRepeatableReason | undefined {
    if (this.bodyIsUsed) return 'body';
    return this.mayHaveArrived && !this.plan.isRepeatable ? 'method' : undefined;
  }

  private notRepeatable(reason: NotRepeatableReason): RequestNotRepeatableError {
    const message =
      reason === 'body'
        ? 'The body of this request is a stream, which can be sent once only: pass a function that makes one.'
        : 'This request may have reached the server, and its method may change something twice: send an Idempotency-Key.';
    return new RequestNotRepeatableError(message, {
      reason,
      policy: this.plan.policy,
      cause: this.lastError,
    });
  }

  // --- RetryBudget --------------------------------------------------------------------------------

  begin(): void {}

  end(): void {}

  tryRetry(): boolean {
    return this.obstacle() === undefined;
  }

  retryEnded(): void {}
}

function hasBody(
  response: Response,
): response is Response & { body: NonNullable<Response['body']> } {
  return response.body !== null;
}
