import type { ConfigProblem } from '../errors.ts';
import { pathOf, shown } from './problem.ts';

type Keys = readonly (string | number)[];

/** How deep data may be: it could be a ring. */
const deepest = 32;

class Copier {
  readonly problems: ConfigProblem[] = [];

  copy(value: unknown, keys: Keys): unknown {
    if (keys.length > deepest) return this.refuse(keys, 'must not be so deep');
    if (Array.isArray(value)) {
      return Object.freeze(value.map((item: unknown, i) => this.copy(item, [...keys, i])));
    }
    if (typeof value === 'object' && value !== null) return this.copyObject(value, keys);
    if (typeof value === 'number') return this.copyNumber(value, keys);
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    return this.refuse(keys, `must be plain data; got ${shown(value)}`);
  }

  private copyNumber(value: number, keys: Keys): unknown {
    if (value === Number.POSITIVE_INFINITY) return 'Infinity';
    if (Number.isFinite(value)) return value;
    return this.refuse(keys, `must be plain data; got ${value}`);
  }

  private copyObject(value: object, keys: Keys): unknown {
    const prototype: unknown = Object.getPrototypeOf(value);
    // Data of another realm has another Object.prototype, which has no prototype either.
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
      const { name } = (value.constructor ?? {}) as { readonly name?: string };
      return this.refuse(keys, `must be plain data; got a ${name ?? 'thing with a class'}`);
    }
    const entries = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, this.copy(item, [...keys, key])]);
    return Object.freeze(Object.fromEntries(entries));
  }

  private refuse(keys: Keys, message: string): undefined {
    this.problems.push({ path: pathOf(keys), message });
    return undefined;
  }
}

/** A frozen copy of data, with `"Infinity"` for the number; and what cannot be copied, as it is no data. */
export function plainData(data: unknown): {
  readonly data: unknown;
  readonly problems: readonly ConfigProblem[];
} {
  const copier = new Copier();
  return {
    data: data === undefined ? undefined : copier.copy(data, []),
    problems: copier.problems,
  };
}
