import type { Policy, PolicyDescription } from '@holdfast/resilience';

/** What a preset's policies were told, by the name of each. */
export function optionsOf(
  policy: Policy,
): Readonly<Record<string, PolicyDescription['layers'][0]['options']>> {
  return Object.fromEntries(policy.describe().layers.map(({ name, options }) => [name, options]));
}

/** The order of a preset's policies, outermost first. */
export function orderOf(policy: Policy): readonly string[] {
  return policy.describe().layers.map(({ kind }) => kind);
}

export const down = (): never => {
  throw new Error('down');
};
