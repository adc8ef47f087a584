import * as v from 'valibot';
import { budgetSchema } from '../layers/budgets.ts';
import { defaultsSchema, namedLayer, unnamedLayer } from '../layers/kinds.ts';
import type { ObjectSchema } from './objects.ts';
import { type Schema, text } from './values.ts';

/**
 * Names that nothing can have: they mean something to every object, and valibot does not look at what
 * stands under them.
 */
export const unusableNames: readonly string[] = ['__proto__', 'constructor', 'prototype'];

function byName(schema: Schema): Schema {
  return v.record(v.string(), schema, 'an object with a name for each');
}

/** The whole format. */
export const configSchema: ObjectSchema = v.strictObject(
  {
    $schema: v.optional(text),
    version: v.optional(v.literal(1, '1, the only version there is')),
    defaults: v.optional(defaultsSchema()),
    templates: v.optional(byName(unnamedLayer)),
    budgets: v.optional(byName(budgetSchema)),
    layers: v.optional(byName(unnamedLayer)),
    policies: byName(
      v.array(
        v.union([namedLayer, text], 'a layer, or the name of a shared one'),
        'a list of layers',
      ),
    ),
  },
  'an object',
);
