import {
  admitted,
  compose,
  type EnterVerdict,
  type ExitVerdict,
  LayeredPolicy,
  noop,
  pass,
  Refusal,
  RejectedError,
} from '@holdfast/policy';
import { expect, test } from 'vitest';

class ShutError extends RejectedError {
  readonly code = 'SHUT';
}

let made = 0;

class Shut extends Refusal {
  readonly ok = false;

  protected makeError(): Error {
    made++;
    return new ShutError('shut');
  }
}

class Gate extends LayeredPolicy {
  readonly kind = 'gate';
  isShut = true;

  constructor() {
    super('gate');
  }

  refuse(): Refusal | undefined {
    return this.isShut ? new Shut() : undefined;
  }

  enter(): EnterVerdict {
    return admitted;
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

test('a call that is refused outright rejects without a call of the operation', async () => {
  const operation = (): never => {
    throw new Error('was called');
  };

  await expect(new Gate().execute(operation)).rejects.toBeInstanceOf(ShutError);
});

test('makes the error of a refusal when it is read, and only once', async () => {
  made = 0;

  const outcome = await new Gate().outcome(() => 1);

  expect(made).toBe(0);
  expect(outcome.ok).toBe(false);
  expect(!outcome.ok && outcome.error).toBeInstanceOf(ShutError);
  expect(!outcome.ok && outcome.error).toBe(!outcome.ok && outcome.error);
  expect(made).toBe(1);
});

test('lets a call in that nobody refuses', async () => {
  const gate = new Gate();
  gate.isShut = false;

  await expect(gate.execute(() => 1)).resolves.toBe(1);
});

test('asks only the outermost layer, and only about calls without options', async () => {
  const gate = new Gate();

  await expect(compose(noop, gate).execute(() => 1)).rejects.toBeInstanceOf(ShutError);
  await expect(compose(new Gate(), noop).execute(() => 1)).rejects.toBeInstanceOf(ShutError);
  await expect(gate.execute(() => 1, {})).resolves.toBe(1);
});

test('a refusal that nobody handles is reported like any rejection', async () => {
  const reported = new Promise((resolve) => process.once('unhandledRejection', resolve));

  void new Gate().execute(() => 1);

  await expect(reported).resolves.toBeInstanceOf(ShutError);
});
