/** An object as `JSON.parse` makes it. */
export type PlainObject = Record<string, unknown>;

/** Whether it is an object with names, rather than a list, null or a single value. */
export function isPlainObject(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What an object has itself under that name; never what it inherits, such as `constructor`. */
export function own(object: PlainObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/**
 * Gives an object a property of its own, also one called `__proto__`, which a plain assignment would
 * take for the prototype: what is wrong with the name is for the schema to say.
 */
export function put(object: PlainObject, name: string, value: unknown): void {
  Object.defineProperty(object, name, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}
