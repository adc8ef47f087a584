/** What the text of a variable stands for, or why it stands for nothing. */
export type ParsedValue = { readonly value: unknown } | { readonly problem: string };

/**
 * Numbers, booleans, null, objects, lists and quoted strings as in JSON; all else is a string as it
 * stands. What begins like an object or a list is meant to be JSON: if it is not, that is a mistake.
 */
export function parseValue(text: string): ParsedValue {
  try {
    const value: unknown = JSON.parse(text);
    // 1e999 would be Infinity, which JSON does not know: it stays what was written.
    return { value: typeof value === 'number' && !Number.isFinite(value) ? text : value };
  } catch (error) {
    if (!/^\s*[[{]/u.test(text)) return { value: text };
    return { problem: `is not JSON (${(error as Error).message})` };
  }
}

/** The text that {@link parseValue} makes this value of. */
export function printValue(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  const parsed = parseValue(value);
  const comesBack = value !== '' && 'value' in parsed && parsed.value === value;
  return comesBack ? value : JSON.stringify(value);
}
