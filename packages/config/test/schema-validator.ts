type Node = Readonly<Record<string, unknown>>;

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function hasType(value: unknown, type: unknown): boolean {
  return type === 'integer' ? Number.isInteger(value) : typeOf(value) === type;
}

/** What a keyword asks of a value; the keywords that the schema of the format has. */
type Keyword = (value: never, wanted: never, tools: Tools) => boolean;

interface Tools {
  readonly schema: Node;
  readonly fits: (value: unknown, schema: unknown) => boolean;
}

const keywords: Readonly<Record<string, Keyword>> = {
  type: hasType,
  const: (value: unknown, wanted: unknown) => value === wanted,
  enum: (value: unknown, wanted: readonly unknown[]) => wanted.includes(value),
  minimum: (value: number, wanted: number) => value >= wanted,
  maximum: (value: number, wanted: number) => value <= wanted,
  exclusiveMinimum: (value: number, wanted: number) => value > wanted,
  exclusiveMaximum: (value: number, wanted: number) => value < wanted,
  minLength: (value: string, wanted: number) => value.length >= wanted,
  not: (value: unknown, wanted: unknown, { fits }) => !fits(value, wanted),
  minItems: (value: readonly unknown[], wanted: number) => value.length >= wanted,
  items: (value: readonly unknown[], wanted: unknown, { fits }) =>
    value.every((item) => fits(item, wanted)),
  anyOf: (value: unknown, wanted: readonly unknown[], { fits }) =>
    wanted.some((each) => fits(value, each)),
  oneOf: (value: unknown, wanted: readonly unknown[], { fits }) =>
    wanted.filter((each) => fits(value, each)).length === 1,
  required: (value: object, wanted: readonly string[]) =>
    wanted.every((name) => Object.hasOwn(value, name)),
  properties: (value: Node, wanted: Node, { fits }) =>
    Object.entries(wanted).every(
      ([name, each]) => !Object.hasOwn(value, name) || fits(value[name], each),
    ),
  additionalProperties: (value: Node, wanted: unknown, { schema, fits }) =>
    Object.entries(value)
      .filter(([name]) => !Object.hasOwn(schema['properties'] ?? {}, name))
      .every(([, item]) => wanted !== false && fits(item, wanted)),
  propertyNames: (value: object, wanted: unknown, { fits }) =>
    Object.keys(value).every((name) => fits(name, wanted)),
};

const notes = ['$schema', '$id', 'title', 'description', '$defs', 'definitions'];

/** Makes a validator of a JSON Schema: independent of what made the schema. Throws at unknown keywords. */
export function validatorOf(root: Node): (value: unknown) => boolean {
  const definitions = (root['definitions'] ?? root['$defs'] ?? {}) as Node;
  const fits = (value: unknown, given: unknown): boolean => {
    const schema = given as Node;
    const { $ref, ...rest } = schema;
    if (typeof $ref === 'string') return fits(value, definitions[$ref.split('/').at(-1) as string]);
    return Object.entries(rest).every(([name, wanted]) => {
      if (notes.includes(name)) return true;
      const keyword = keywords[name];
      if (keyword === undefined) throw new Error(`The validator does not know ${name}.`);
      return keyword(value as never, wanted as never, { schema, fits });
    });
  };
  return (value) => fits(value, root);
}
