/** What of a schema is looked at here. */
interface AnySchema {
  readonly type: string;
  readonly entries?: Readonly<Record<string, AnySchema>>;
  readonly options?: readonly AnySchema[];
  readonly key?: unknown;
  readonly value?: AnySchema;
  readonly item?: AnySchema;
  readonly wrapped?: AnySchema;
  readonly literal?: unknown;
  readonly pipe?: readonly AnySchema[];
}

type Keys = readonly (string | number)[];

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The form among several that a value has. */
function chosen(schema: AnySchema, value: unknown): AnySchema | undefined {
  if (schema.wrapped !== undefined) return chosen(schema.wrapped, value);
  if (schema.type === 'union') {
    return schema.options?.map((each) => chosen(each, value)).find((each) => each !== undefined);
  }
  if (schema.type === 'variant') {
    const key = schema.key as string;
    return schema.options
      ?.map((each) => (each.type === 'variant' ? chosen(each, value) : each))
      .find((each) => isObject(value) && each?.entries?.[key]?.literal === value[key]);
  }
  if (schema.type === 'array') return Array.isArray(value) ? schema : undefined;
  const isForObjects = schema.type === 'strict_object' || schema.type === 'record';
  return isForObjects === isObject(value) ? schema : undefined;
}

function within(schema: AnySchema, key: string | number): AnySchema | undefined {
  if (schema.type === 'strict_object') return schema.entries?.[key];
  return schema.type === 'array' ? schema.item : schema.value;
}

/** The names that an object may have which stands in `data` at this place. */
export function keysAllowedAt(schema: object, keys: Keys, data: unknown): readonly string[] {
  let value = data;
  let found = chosen(schema as AnySchema, value);
  for (const key of keys) {
    value = (value as Readonly<Record<string | number, unknown>>)[key];
    const next = found === undefined ? undefined : within(found, key);
    found = next === undefined ? undefined : chosen(next, value);
  }
  return Object.keys(found?.entries ?? {});
}
