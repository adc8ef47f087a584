/** One step of the key of a property: a name, a name in brackets, or a place in a list. */
export type KeyStep =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'literal'; readonly name: string }
  | { readonly kind: 'place'; readonly place: number };

/** A name up to the next dot or bracket, or a bracket with what is in it. */
const step = /(?<dot>\.)?(?:(?<name>[^.[\]]+)|\[(?<bracket>[^[\]]+)\])/uy;

/**
 * The key of a property as steps: `policies.payment[0].max-attempts`, or `policies[payment.v2]` for a
 * name as it stands. Undefined when it is none.
 */
export function stepsOf(key: string): readonly KeyStep[] | undefined {
  const steps: KeyStep[] = [];
  step.lastIndex = 0;
  for (let at = 0; at < key.length; at = step.lastIndex) {
    const { dot, name, bracket } = step.exec(key)?.groups ?? {};
    // Between two names there is a dot, and nowhere else.
    const needsDot = name !== undefined && at > 0;
    if ((name ?? bracket) === undefined || (dot !== undefined) !== needsDot) return undefined;
    steps.push(name === undefined ? inBrackets(bracket as string) : { kind: 'name', name });
  }
  return steps.length === 0 ? undefined : steps;
}

function inBrackets(text: string): KeyStep {
  return /^\d+$/u.test(text)
    ? { kind: 'place', place: Number(text) }
    : { kind: 'literal', name: text };
}
