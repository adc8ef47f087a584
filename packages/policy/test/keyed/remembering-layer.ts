import {
  admitted,
  type EnterVerdict,
  type ExitVerdict,
  LayeredPolicy,
  pass,
} from '@holdfast/policy';

/** A policy that says for how long its state matters. */
export class Remembering extends LayeredPolicy {
  readonly kind: string = 'remembering';
  mattersMs = 0;

  enter(): EnterVerdict {
    return admitted;
  }

  success(): ExitVerdict {
    return pass;
  }

  failure(): ExitVerdict {
    return pass;
  }

  mattersForMs(): number {
    return this.mattersMs;
  }

  protected described(): Readonly<Record<string, unknown>> {
    return {};
  }
}
