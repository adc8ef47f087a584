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
import { HedgeRefusedError } from './errors.ts';
import { type HedgeEvents, topics } from './events.ts';
import { checkOptions, type HedgeOptions } from './options.ts';

/** A hedge; made by {@link hedge}. */
export interface Hedge extends Policy<never, unknown, HedgeEvents>, EventSource<HedgeEvents> {}

class HedgePolicy extends LayeredPolicy<never, unknown, HedgeEvents> {
  readonly kind: string = 'hedge';
  private readonly accepts: (() => boolean) | undefined;

  constructor(options: HedgeOptions) {
    super(options.name ?? 'hedge');
    this.accepts = options.accepts;
  }

  enter(run: Run): EnterVerdict {
    if (this.accepts === undefined || this.accepts()) return admitted;
    if (this.isHeard(topics.refused)) this.tell(topics.refused, { attempt: run.attempt });
    const options = { policy: this.name };
    run.answer(
      false,
      withoutStack(() => new HedgeRefusedError(`${this.name} lets no call in`, options)),
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
 * const policy = hedge();
 *
 * await policy.execute(({ signal }) => fetch('http://localhost:8080/', { signal }));
 * ```
 */
export function hedge(options: HedgeOptions = {}): Hedge {
  checkOptions(options);
  return new HedgePolicy(options);
}
