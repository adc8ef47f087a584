import { globSync, readFileSync } from 'node:fs';
import { type JsonSchema, toJsonSchema } from '@valibot/to-json-schema';
import ts from 'typescript';
import { budgetSchema } from '../src/layers/budgets.ts';
import { queueSchema } from '../src/layers/bulkhead-queues.ts';
import { limitSchema } from '../src/layers/bulkhead.ts';
import { injection, plainInjection, simpleInjection } from '../src/layers/chaos-injections.ts';
import { schedule } from '../src/layers/chaos.ts';
import { breakSchema, healthProbeSchema } from '../src/layers/circuit-extras.ts';
import { trip } from '../src/layers/circuit-trips.ts';
import { namedLayer, plainLayer, unnamedLayer } from '../src/layers/kinds.ts';
import { algorithmSchema } from '../src/layers/rate-limiter.ts';
import { backoffSchema } from '../src/layers/retry.ts';
import { configSchema, unusableNames } from '../src/format/config-schema.ts';
import { optionsOf } from '../src/format/objects.ts';

/** What the doc comments say, by interface and property. */
type Documentation = ReadonlyMap<string, ReadonlyMap<string, string>>;

const plain = (text: string): string =>
  text
    .replaceAll(/\{@link (?<name>\w+)\}/gu, '$<name>')
    .replaceAll(/\s*\n\s*/gu, ' ')
    .trim();

function descriptionOf(member: ts.TypeElement): string {
  const [comment] = ts.getJSDocCommentsAndTags(member).filter((each) => ts.isJSDoc(each));
  const text = ts.getTextOfJSDocComment(comment?.comment) ?? '';
  const [paragraph = ''] = text.split(/\n\s*\n/u);
  const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === 'default');
  const said = tag && plain(ts.getTextOfJSDocComment(tag.comment) ?? '');
  return (
    plain(paragraph) + (said === undefined || said === 'undefined' ? '' : ` Default: ${said}.`)
  );
}

/** Finds the properties of interfaces, and of the object types inside a named type. */
function collect(
  node: ts.Node,
  owner: string | undefined,
  found: Map<string, Map<string, string>>,
): void {
  const isNamed = ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
  const name = isNamed ? node.name.text : owner;
  if (ts.isPropertySignature(node) && name !== undefined) {
    const properties = found.get(name) ?? new Map<string, string>();
    const text = descriptionOf(node);
    if (text !== '') properties.set(node.name.getText(), text);
    found.set(name, properties);
  }
  ts.forEachChild(node, (child) => collect(child, name, found));
}

function documentation(): Documentation {
  const found = new Map<string, Map<string, string>>();
  for (const file of globSync(
    'packages/{bulkhead,chaos,circuit-breaker,config,fallback,hedge,policy,rate-limiter,retry,timeout}/src/**/*.ts',
  ).toSorted()) {
    const text = readFileSync(file, 'utf8');
    collect(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true), undefined, found);
  }
  return found;
}

/** Interfaces in which an option may be described, the nearest first. */
function owners(options: string, docs: Documentation): readonly string[] {
  const ofFormat = `${options.replace(/(?:Common)?Options$/u, '')}Data`;
  const bases: Readonly<Record<string, readonly string[]>> = {
    CircuitBreakerOptions: ['CircuitConfigureOptions', 'FailureRatioOptions'],
    Gradient2Options: ['LatencyLimitOptions', 'AdaptiveLimitOptions'],
    VegasOptions: ['LatencyLimitOptions', 'AdaptiveLimitOptions'],
    AimdOptions: ['AdaptiveLimitOptions'],
    PriorityQueueOptions: ['QueueOrderOptions'],
    FairQueueOptions: ['QueueOrderOptions'],
    JitterOptions: ['BackoffData'],
    ConsecutiveFailures: ['TripData'],
    RetryAfterOptions: ['BreakDurationData'],
  };
  return [ofFormat, options, ...(bases[options] ?? []), 'LayerCommon'].filter((name) =>
    docs.has(name),
  );
}

function described(
  properties: Readonly<Record<string, unknown>>,
  names: readonly string[],
  docs: Documentation,
): object {
  const entries = Object.entries(properties).map(([option, schema]) => {
    const owner = names.find((each) => docs.get(each)?.has(option));
    const description = owner === undefined ? undefined : docs.get(owner)?.get(option);
    return [option, description === undefined ? schema : { description, ...(schema as object) }];
  });
  return Object.fromEntries(entries) as object;
}

/** What stands in several places, by the name that it has in the schema. */
const definitions = {
  algorithm: algorithmSchema,
  backoff: backoffSchema,
  break: breakSchema,
  budget: budgetSchema,
  healthProbe: healthProbeSchema,
  injection,
  layer: namedLayer,
  limit: limitSchema,
  plainInjection,
  plainLayer,
  queue: queueSchema,
  schedule,
  simpleInjection,
  trip,
  unnamedLayer,
};

/** The JSON Schema of the format, with what the doc comments of the options say. */
export function jsonSchema(): JsonSchema {
  const docs = documentation();
  const schema = toJsonSchema(configSchema, {
    definitions,
    // The first member of each object is what an editor shows: `kind`, `type`, then the options.
    overrideSchema: ({ valibotSchema, jsonSchema: made }) => {
      if (valibotSchema.type === 'record') {
        return { ...made, propertyNames: { type: 'string', not: { enum: [...unusableNames] } } };
      }
      if (made.type !== 'object' || made.properties === undefined) return undefined;
      const options =
        (valibotSchema as object) === configSchema ? 'PoliciesConfig' : optionsOf(valibotSchema);
      if (options === undefined) return undefined;
      const properties = described(made.properties, owners(options, docs), docs);
      return { ...made, properties } as JsonSchema;
    },
  });
  return {
    ...schema,
    $id: 'https://unpkg.com/@holdfast/config/schema.json',
    title: 'Resilience policies of @holdfast/config',
  };
}

/** The options of which the schema tells nothing; `kind` and `type` speak for themselves. */
export function undescribed(schema: JsonSchema): readonly string[] {
  const found: string[] = [];
  const visit = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return;
    const { properties } = node as JsonSchema;
    for (const [name, value] of Object.entries(properties ?? {})) {
      const isSaid = typeof value === 'object' && value.description !== undefined;
      if (!isSaid && name !== 'kind' && !path.endsWith('/defaults')) found.push(`${path}/${name}`);
    }
    for (const [key, value] of Object.entries(node))
      visit(value, key === 'properties' ? path : `${path}/${key}`);
  };
  visit(schema, '');
  return found;
}
