/** Nested data as Spring's server flattens it; what is empty is an empty string. */
export function flatten(data: unknown, key = ''): Record<string, unknown> {
  if (typeof data !== 'object' || data === null) return { [key]: data ?? '' };
  const inner = Object.entries(data).map(([name, value]): [string, unknown] => {
    if (Array.isArray(data)) return [`${key}[${name}]`, value];
    return [key === '' || name.startsWith('[') ? `${key}${name}` : `${key}.${name}`, value];
  });
  if (inner.length === 0) return key === '' ? {} : { [key]: '' };
  return Object.assign({}, ...inner.map(([path, value]) => flatten(value, path))) as Record<
    string,
    unknown
  >;
}
