/** What a configuration has at the top. */
export const topNames: readonly string[] = [
  'version',
  'defaults',
  'templates',
  'budgets',
  'layers',
  'policies',
];

/** Below these stand names that the user has given, which are to stay as they are. */
const named: ReadonlySet<string> = new Set(['templates', 'budgets', 'layers', 'policies']);

/** Whether what stands right below the path is a name that the user has given. */
export function holdsNames(path: readonly string[]): boolean {
  return path.length === 1 && named.has(path[0] as string);
}

/** `max-attempts`, `max_attempts` and `MAX_ATTEMPTS` as an option is called: `maxAttempts`. */
export function camelCase(name: string): string {
  const [first, ...others] = name.split(/[-_]+/u).filter((word) => word !== '');
  if (first === undefined) return name;
  return decapitalized(first) + others.map((word) => capitalized(word)).join('');
}

function decapitalized(word: string): string {
  const rest = isUpper(word) ? word.toLowerCase() : word;
  return rest.slice(0, 1).toLowerCase() + rest.slice(1);
}

function capitalized(word: string): string {
  const rest = isUpper(word) ? word.toLowerCase() : word;
  return rest.slice(0, 1).toUpperCase() + rest.slice(1);
}

function isUpper(word: string): boolean {
  return !/\p{Ll}/u.test(word);
}

/** The same for all ways in which one may write a name: `paymentapi` for `payment-api`. */
export function sameName(name: string): string {
  return name.replaceAll(/[-_]/gu, '').toLowerCase();
}
