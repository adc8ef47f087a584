import type { ConfigProblem } from '../errors.ts';
import { messageOf, pathOf, shown } from './problem.ts';

type Keys = readonly (string | number)[];

/** How deep data may be. */
const deepest = 32;
/** How many values it may have: what stands in it again and again could make billions of few. */
const most = 1_000_000;

/** A frozen copy of data, and what cannot be copied. */
export interface PlainData {
  readonly data: unknown;
  readonly problems: readonly ConfigProblem[];
}

class Copier {
  readonly problems: ConfigProblem[] = [];
  /** What the value at hand stands in. */
  private readonly around = new Set<object>();
  private count = 0;

  copy(value: unknown, keys: Keys): unknown {
    this.count += 1;
    if (this.count > most) return this.refuseAsTooMuch();
    if (typeof value !== 'object' || value === null) return this.copySingle(value, keys);
    if (keys.length > deepest) return this.refuse(keys, 'must not be so deep');
    if (this.around.has(value)) return this.refuse(keys, 'must not be inside itself');
    this.around.add(value);
    const copy = this.copyObject(value, keys);
    this.around.delete(value);
    return copy;
  }

  private copySingle(value: unknown, keys: Keys): unknown {
    if (value === Number.POSITIVE_INFINITY) return 'Infinity';
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    return this.refuse(keys, `must be plain data; got ${shown(value)}`);
  }

  private copyObject(value: object, keys: Keys): unknown {
    if (Array.isArray(value)) {
      // A place that nothing was put into is undefined, which is no data either.
      return Object.freeze(Array.from(value, (item: unknown, i) => this.copy(item, [...keys, i])));
    }
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

  private refuseAsTooMuch(): undefined {
    if (this.count === most + 1) this.refuse([], `must not have more than ${most} values`);
    return undefined;
  }
}

/** A frozen copy of data, with `"Infinity"` for the number; never throws. */
export function plainData(data: unknown): PlainData {
  const copier = new Copier();
  if (data === undefined) return { data, problems: [] };
  try {
    return { data: copier.copy(data, []), problems: copier.problems };
  } catch (error) {
    // A getter or a proxy, which is no data.
    const message = `must be plain data; reading it failed: ${messageOf(error)}`;
    return { data: undefined, problems: [...copier.problems, { path: '', message }] };
  }
}
