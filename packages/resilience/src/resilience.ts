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
import { ResilienceRefusedError } from './errors.ts';
import { type ResilienceEvents, topics } from './events.ts';
import { checkOptions, type ResilienceOptions } from './options.ts';

/** A resilience; made by {@link resilience}. */
export interface Resilience
  extends Policy<never, unknown, ResilienceEvents>,
    EventSource<ResilienceEvents> {}

class ResiliencePolicy extends LayeredPolicy<never, unknown, ResilienceEvents> {
  readonly kind: string = 'resilience';
  private readonly accepts: (() => boolean) | undefined;

  constructor(options: ResilienceOptions) {
    super(options.name ?? 'resilience');
    this.accepts = options.accepts;
  }

  enter(run: Run): EnterVerdict {
    if (this.accepts === undefined || this.accepts()) return admitted;
    if (this.isHeard(topics.refused)) this.tell(topics.refused, { attempt: run.attempt });
    const options = { policy: this.name };
    run.answer(
      false,
      withoutStack(() => new ResilienceRefusedError(`${this.name} lets no call in`, options)),
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
 * const policy = resilience();
 *
 * await policy.execute(({ signal }) => fetch('http://localhost:8080/', { signal }));
 * ```
 */
export function resilience(options: ResilienceOptions = {}): Resilience {
  checkOptions(options);
  return new ResiliencePolicy(options);
}
