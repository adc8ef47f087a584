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
import { ChaosRefusedError } from './errors.ts';
import { type ChaosEvents, topics } from './events.ts';
import { checkOptions, type ChaosOptions } from './options.ts';

/** A chaos; made by {@link chaos}. */
export interface Chaos extends Policy<never, unknown, ChaosEvents>, EventSource<ChaosEvents> {}

class ChaosPolicy extends LayeredPolicy<never, unknown, ChaosEvents> {
  readonly kind: string = 'chaos';
  private readonly accepts: (() => boolean) | undefined;

  constructor(options: ChaosOptions) {
    super(options.name ?? 'chaos');
    this.accepts = options.accepts;
  }

  enter(run: Run): EnterVerdict {
    if (this.accepts === undefined || this.accepts()) return admitted;
    if (this.isHeard(topics.refused)) this.tell(topics.refused, { attempt: run.attempt });
    const options = { policy: this.name };
    run.answer(
      false,
      withoutStack(() => new ChaosRefusedError(`${this.name} lets no call in`, options)),
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
 * const policy = chaos();
 *
 * await policy.execute(({ signal }) => fetch('http://localhost:8080/', { signal }));
 * ```
 */
export function chaos(options: ChaosOptions = {}): Chaos {
  checkOptions(options);
  return new ChaosPolicy(options);
}
