import { problemOf } from '../check/problem.ts';
import type { ConfigProblem } from '../errors.ts';

/** What is to be done about one layer once the new ones stand. */
export interface Step {
  /** Where the layer is in the configuration. */
  readonly path: readonly (string | number)[];
  /** Hands on what a layer knows to the one in its place. */
  readonly succeed?: (() => void) | undefined;
  /** Gives a layer its new options. */
  readonly configure?: (() => void) | undefined;
  /** Gives it back those it had. */
  readonly undo?: (() => void) | undefined;
  /** Ends what a layer does by itself that no new call comes to. */
  readonly retire?: (() => void) | undefined;
}

/**
 * Takes all of the steps. Where one fails, those before it are undone, and the problem is returned: then
 * nothing is other than before. What cannot be undone comes last.
 */
export function takeSteps(steps: readonly Step[]): ConfigProblem | undefined {
  const taken: Step[] = [];
  for (const step of steps) {
    taken.push(step);
    try {
      step.succeed?.();
      step.configure?.();
    } catch (error) {
      undo(taken.toReversed());
      return problemOf(step.path, error);
    }
  }
  for (const { retire } of steps) retire?.();
  return undefined;
}

function undo(steps: readonly Step[]): void {
  for (const step of steps) {
    try {
      step.undo?.();
    } catch {
      // What refuses its old options as well keeps what it has; the others are undone all the same.
    }
  }
}
