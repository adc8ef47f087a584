import type { ConfigProblem } from '../errors.ts';

/** How much of a string a message has. */
const mostShown = 100;
const plainName = /^[A-Za-z_$][\w$-]*$/u;

/** A path as one would write it in code: `policies.payment[1].failureRatio`. */
export function pathOf(keys: readonly (string | number)[]): string {
  let path = '';
  for (const key of keys) {
    if (typeof key === 'number') path += `[${key}]`;
    else if (key.length > mostShown || !plainName.test(key)) path += `[${quoted(key)}]`;
    else path += path === '' ? key : `.${key}`;
  }
  return path;
}

/** A string in quotes; of a long one, how it begins. */
export function quoted(text: string): string {
  if (text.length <= mostShown) return JSON.stringify(text);
  return `${JSON.stringify(text.slice(0, mostShown))}... (${text.length} characters)`;
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** How a value is shown in a message. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}

/** `Expected \`maxMs\` to be at least 100, got 50.`, as makers say it. */
const ofMaker = /^Expected `(?<option>[^`]+)` to (?<expected>be .+), got (?<value>.+)\.$/su;
/** `list[1]`, `choices[0].weight`: what stands in an option. */
const step = /[^.[\]]+/gu;

/** The problem that an error of a maker tells; its message names the option and the value. */
export function problemOf(path: readonly (string | number)[], error: unknown): ConfigProblem {
  const message = messageOf(error);
  const said = ofMaker.exec(message)?.groups;
  if (said === undefined) return { path: pathOf(path), message: message.replace(/\.$/u, '') };
  const inner = (said['option'] as string).match(step) ?? [];
  const keys = inner.map((key) => (/^\d+$/u.test(key) ? Number(key) : key));
  const { expected, value } = said;
  const isMissing = value === 'undefined';
  const text = isMissing ? 'is missing' : `must ${expected}; got ${value}`;
  return { path: pathOf([...path, ...keys]), message: text };
}
