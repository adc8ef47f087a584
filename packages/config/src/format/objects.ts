import * as v from 'valibot';
import type { Schema } from './values.ts';

/** An object with known names only. */
export type ObjectSchema = v.GenericSchema & {
  readonly type: 'strict_object';
  readonly entries: Readonly<Record<string, Schema>>;
};

/** A schema for each of the options, so that none is forgotten and none is too many. */
export type EntriesOf<Data> = { readonly [Name in keyof Data]-?: Schema };

type Given = Readonly<Record<string, Schema>>;

function object(entries: Given, options: string | undefined): ObjectSchema {
  const schema: ObjectSchema = v.strictObject(entries, 'an object');
  if (options !== undefined) owners.set(schema, options);
  return schema;
}

const owners: WeakMap<object, string> = new WeakMap();

/** The interface in code that describes the options of an object, for the published JSON Schema. */
export function optionsOf(schema: object): string | undefined {
  return owners.get(schema);
}

/** All of these may be left out. */
function optional(entries: Given): Given {
  return Object.fromEntries(
    Object.entries(entries).map(([name, schema]) => [name, v.optional(schema)]),
  );
}

/** What an object needs, and what else it may have. */
export interface Shape<Data, Needed extends keyof Data> {
  /** The interface in code that has these options. */
  readonly options: string;
  /** The options that have to be there. */
  readonly needs?: readonly Needed[] | undefined;
  /** A schema for each option. */
  readonly entries: EntriesOf<Data>;
}

/** Makes the schema of an object. */
export function objectOf<Data, Needed extends keyof Data = never>(
  { options, needs = [], entries }: Shape<Data, Needed>,
  fixed: Given = {},
): ObjectSchema {
  const needed = needs as readonly PropertyKey[];
  const given = Object.entries<Schema>(entries).map(([name, schema]) => [
    name,
    needed.includes(name) ? schema : v.optional(schema),
  ]);
  return object({ ...fixed, ...Object.fromEntries(given) }, options);
}

/** Makes the schema of what the maker `kind` is told, which its `kind` names. */
export function kindOf<Data, Needed extends Exclude<keyof Data, 'kind'> = never>(
  kind: string,
  shape: Shape<Omit<Data, 'kind'>, Needed>,
): ObjectSchema {
  return objectOf(shape, { kind: v.literal(kind, JSON.stringify(kind)) });
}

/** One of several objects, told apart by their `kind`. */
export function anyKind(...schemas: readonly ObjectSchema[]): Schema {
  return tellApart('kind', schemas);
}

/** One of several objects, told apart by the value that they have under `key`. */
export function tellApart(key: string, schemas: readonly Schema[]): Schema {
  // Each has that key; the types of so many would only slow the compiler down.
  return v.variant(key, schemas as never, 'an object');
}

/** The options of a layer: none is needed, since the defaults or a template may give it. */
export function layerOptions<Data extends { readonly type: string }>(
  options: string,
  entries: EntriesOf<Omit<Data, 'type' | 'name' | 'extends'>>,
): LayerOptions {
  return { options, entries: optional(entries) };
}

/** What {@link layerOptions} makes: it is used with and without what all layers have. */
export interface LayerOptions {
  readonly options: string;
  readonly entries: Given;
}

/** The schema of some options with further ones, for a layer, a template or the defaults. */
export function withOptions(fixed: Given, { options, entries }: LayerOptions): ObjectSchema {
  return object({ ...fixed, ...entries }, options);
}
