import { invalidOption, positiveInteger } from '@holdfast/policy';
import {
  type FaultStep,
  isFaultStep,
  type OtherwiseStep,
  type ScriptEntry,
  type ScriptStep,
  type StepFunction,
  type StepGroup,
} from './fault-step.ts';
import { respond } from './faults/respond.ts';

/**
 * Steps for so many requests in a row, as one: to repeat them together.
 *
 * @throws `TypeError` if one of them is not a step.
 *
 * @example
 * ```ts
 * import { repeat, resetBeforeHeaders, respond, sequence } from '@holdfast/testing';
 *
 * const flapping = repeat(sequence([respond(), resetBeforeHeaders()]), 10);
 * ```
 */
export function sequence(steps: readonly ScriptStep[]): StepGroup {
  return { steps: checkSteps('steps', steps), times: 1 };
}

/**
 * The same step for `times` requests in a row.
 *
 * @throws `TypeError` if it is not a step.
 * @throws `RangeError` if `times` is not an integer from 1 up.
 */
export function repeat(step: ScriptStep, times: number): StepGroup {
  return { steps: checkSteps('step', [step]), times: positiveInteger('times', times) };
}

/**
 * The step for every request after those of the script, wherever it stands in the list. Of several,
 * the last counts; without one the answer is an empty 200.
 *
 * @throws `TypeError` if it is neither a step nor a function that chooses one.
 */
export function otherwise(step: FaultStep | StepFunction): OtherwiseStep {
  if (!isFaultStep(step) && typeof step !== 'function') throw notAStep('step', step);
  return { otherwise: step };
}

/** The steps of one path, and how many of them have been used. */
export class FaultScript {
  readonly #steps: Iterator<FaultStep | StepFunction>;
  readonly #otherwise: FaultStep | StepFunction;

  constructor(entries: readonly ScriptEntry[]) {
    if (!Array.isArray(entries)) throw invalidOption('steps', 'an array', entries, TypeError);
    const steps = entries.filter((entry): entry is ScriptStep => !isOtherwise(entry));
    this.#steps = expand(checkSteps('steps', steps), 1);
    this.#otherwise = entries.findLast(isOtherwise)?.otherwise ?? respond();
  }

  /** The step for the next request. */
  next(): FaultStep | StepFunction {
    const { done, value } = this.#steps.next();
    return done === true ? this.#otherwise : value;
  }
}

function* expand(
  steps: readonly ScriptStep[],
  times: number,
): Generator<FaultStep | StepFunction, undefined> {
  for (let round = 0; round < times; round += 1) {
    for (const step of steps) {
      if (isGroup(step)) yield* expand(step.steps, step.times);
      else yield step;
    }
  }
}

function isGroup(entry: unknown): entry is StepGroup {
  return typeof entry === 'object' && entry !== null && 'steps' in entry && 'times' in entry;
}

function isOtherwise(entry: unknown): entry is OtherwiseStep {
  return typeof entry === 'object' && entry !== null && 'otherwise' in entry;
}

function checkSteps(name: string, steps: readonly ScriptStep[]): readonly ScriptStep[] {
  if (!Array.isArray(steps)) throw invalidOption(name, 'an array', steps, TypeError);
  const wrong = steps.findIndex(
    (step) => typeof step !== 'function' && !isFaultStep(step) && !isGroup(step),
  );
  if (wrong !== -1) throw notAStep(`${name}[${wrong}]`, steps[wrong]);
  return [...steps];
}

function notAStep(name: string, value: unknown): Error {
  return invalidOption(name, 'a step such as respond() or hang()', value, TypeError);
}
