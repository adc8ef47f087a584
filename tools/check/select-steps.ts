import type { Step } from './steps.ts';

/** Which steps to run, as the command line says it. */
export interface Selection {
  /** Names separated by commas; what they need runs as well. */
  readonly only?: string | undefined;
  /** Names separated by commas, left out even if something needs them. */
  readonly skip?: string | undefined;
}

/** The chosen steps in their usual order. Throws a RangeError for a name that is not a step. */
export function selectSteps(steps: readonly Step[], selection: Selection): Step[] {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const find = (name: string): Step => {
    const step = byName.get(name);
    if (step === undefined) {
      throw new RangeError(`no step "${name}"; the steps are ${[...byName.keys()].join(', ')}`);
    }
    return step;
  };
  const chosen = new Set<string>();
  const choose = ({ name, needs = [] }: Step): void => {
    for (const need of needs) choose(find(need));
    chosen.add(name);
  };
  const asked = names(selection.only);
  for (const step of asked.length === 0 ? steps : asked.map(find)) choose(step);
  for (const name of names(selection.skip)) chosen.delete(find(name).name);
  return steps.filter(({ name }) => chosen.has(name));
}

function names(list: string | undefined): string[] {
  return (list ?? '').split(',').filter((name) => name !== '');
}
