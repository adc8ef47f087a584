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
import { CacheRefusedError } from './errors.ts';
import { type CacheEvents, topics } from './events.ts';
import { checkOptions, type CacheOptions } from './options.ts';

/** A cache; made by {@link cache}. */
export interface Cache extends Policy<never, unknown, CacheEvents>, EventSource<CacheEvents> {}

class CachePolicy extends LayeredPolicy<never, unknown, CacheEvents> {
  readonly kind: string = 'cache';
  private readonly accepts: (() => boolean) | undefined;

  constructor(options: CacheOptions) {
    super(options.name ?? 'cache');
    this.accepts = options.accepts;
  }

  enter(run: Run): EnterVerdict {
    if (this.accepts === undefined || this.accepts()) return admitted;
    if (this.isHeard(topics.refused)) this.tell(topics.refused, { attempt: run.attempt });
    const options = { policy: this.name };
    run.answer(
      false,
      withoutStack(() => new CacheRefusedError(`${this.name} lets no call in`, options)),
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
 * const policy = cache();
 *
 * await policy.execute(({ signal }) => fetch('http://localhost:8080/', { signal }));
 * ```
 */
export function cache(options: CacheOptions = {}): Cache {
  checkOptions(options);
  return new CachePolicy(options);
}
