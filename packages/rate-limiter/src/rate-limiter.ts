import {
  admitted,
  type EnterVerdict,
  type EventSource,
  type ExitVerdict,
  LayeredPolicy,
  pass,
  type Policy,
  refused,
  type Run,
  withoutStack,
} from '@holdfast/policy';
import { RateLimiterRefusedError } from './errors.ts';
import { type RateLimiterEvents, topics } from './events.ts';
import { checkOptions, type RateLimiterOptions } from './options.ts';

/** A rate limiter; made by {@link rateLimiter}. */
export interface RateLimiter
  extends Policy<never, unknown, RateLimiterEvents>,
    EventSource<RateLimiterEvents> {}

class RateLimiterPolicy extends LayeredPolicy<never, unknown, RateLimiterEvents> {
  readonly kind: string = 'rate-limiter';
  private readonly accepts: (() => boolean) | undefined;

  constructor(options: RateLimiterOptions) {
    super(options.name ?? 'rate-limiter');
    this.accepts = options.accepts;
  }

  enter(run: Run): EnterVerdict {
    if (this.accepts === undefined || this.accepts()) return admitted;
    if (this.isHeard(topics.refused)) this.tell(topics.refused, { attempt: run.attempt });
    const options = { policy: this.name };
    run.answer(
      false,
      withoutStack(() => new RateLimiterRefusedError(`${this.name} lets no call in`, options)),
    );
    return refused;
  }

  success(): ExitVerdict {
    return pass;
  }

  failure(): ExitVerdict {
    return pass;
  }

  protected described(): Readonly<Record<string, unknown>> {
    return {};
  }
}

/**
 * Lets a call in, or not.
 *
 * @throws `TypeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const policy = rateLimiter();
 *
 * await policy.execute(({ signal }) => fetch('http://localhost:8080/', { signal }));
 * ```
 */
export function rateLimiter(options: RateLimiterOptions = {}): RateLimiter {
  checkOptions(options);
  return new RateLimiterPolicy(options);
}
