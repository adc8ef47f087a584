import type { ConfigProblem } from '../errors.ts';
import type { PoliciesConfig } from '../format/policies-config.ts';
import type { LayerData } from '../layers/layer-kind.ts';
import { kindNamed } from '../layers/kinds.ts';
import { isShared, type PipelineEntry, type ResolvedLayer } from '../layers/resolved-layer.ts';
import { suggestion } from './did-you-mean.ts';
import { pathOf, quoted } from './problem.ts';

type Keys = readonly (string | number)[];
type Given = LayerData & { readonly name?: string; readonly extends?: string };

/** A configuration with all that its layers inherit. */
export interface ResolvedConfig {
  readonly shared: readonly ResolvedLayer[];
  readonly policies: ReadonlyMap<string, readonly PipelineEntry[]>;
  readonly problems: readonly ConfigProblem[];
}

/** What is said nearer, with what is said further off: except for what is an alternative to the former. */
function inherit(near: LayerData, far: object | undefined): LayerData {
  if (far === undefined) return near;
  const groups = kindNamed(near.type).alternatives ?? [];
  const given = groups.find((group) => group.some((option) => Object.hasOwn(near, option)));
  const taken = given === undefined ? [] : groups.filter((group) => group !== given).flat();
  const kept = Object.entries(far).filter(([option]) => !taken.includes(option));
  return { ...Object.fromEntries(kept), ...near };
}

class Resolver {
  readonly problems: ConfigProblem[] = [];
  private readonly config: PoliciesConfig;

  constructor(config: PoliciesConfig) {
    this.config = config;
  }

  private defaultsFor(type: string): object | undefined {
    const { defaults = {} } = this.config;
    return (defaults as Readonly<Record<string, object | undefined>>)[type];
  }

  /** The options of a layer: its own, those of its template and of what that extends, the defaults. */
  private inherited(given: Given, path: Keys): LayerData {
    const templates = this.config.templates ?? {};
    const seen: string[] = [];
    const { name: _name, extends: first, ...own } = given;
    let base = first;
    let data: LayerData = own;
    while (base !== undefined) {
      const template = (Object.hasOwn(templates, base) ? templates[base] : undefined) as
        | Given
        | undefined;
      const wrong = this.wrongTemplate(base, template, { seen, type: given.type });
      if (wrong !== undefined || template === undefined) {
        this.problems.push({ path: pathOf([...path, 'extends']), message: wrong ?? '' });
        break;
      }
      seen.push(base);
      const { extends: next, ...options } = template;
      data = inherit(data, options);
      base = next;
    }
    return inherit(data, this.defaultsFor(given.type));
  }

  private wrongTemplate(
    name: string,
    template: Given | undefined,
    { seen, type }: { readonly seen: readonly string[]; readonly type: string },
  ): string | undefined {
    const shown = quoted(name);
    if (template === undefined) {
      const known = Object.keys(this.config.templates ?? {});
      return `there is no template ${shown}${suggestion(name, known)}`;
    }
    if (seen.includes(name)) return `template ${shown} extends itself`;
    if (template.type === type) return undefined;
    return `template ${shown} is of type "${template.type}", not "${type}"`;
  }

  /** Layers with ids, of which each has one of its own. */
  layers(given: readonly unknown[], path: Keys, prefix: string): readonly PipelineEntry[] {
    const numbers = new Map<string, number>();
    const taken = new Set<string>();
    return given.flatMap((each, i) => {
      const place = [...path, i];
      if (typeof each === 'string') return this.reference(each, place);
      const layer = each as Given;
      const number = (numbers.get(layer.type) ?? 0) + 1;
      numbers.set(layer.type, number);
      const id = layer.name ?? (number === 1 ? layer.type : `${layer.type}#${number}`);
      if (taken.has(id)) {
        const message = `must be the name of one layer only; got ${quoted(id)} again`;
        this.problems.push({ path: pathOf([...place, 'name']), message });
        return [];
      }
      taken.add(id);
      return [this.layer(layer, { id, name: layer.name ?? `${prefix}.${id}`, path: place })];
    });
  }

  private reference(name: string, path: Keys): readonly PipelineEntry[] {
    const shared = this.config.layers ?? {};
    if (Object.hasOwn(shared, name)) return [{ shared: name }];
    const known = Object.keys(shared);
    const message = `there is no shared layer ${quoted(name)}${suggestion(name, known)}`;
    this.problems.push({ path: pathOf(path), message });
    return [];
  }

  layer(
    given: Given,
    at: { readonly id: string; readonly name: string; readonly path: Keys },
  ): ResolvedLayer {
    const data = this.inherited(given, at.path);
    const list = (data['layers'] ?? []) as readonly unknown[];
    const inside = this.layers(list, [...at.path, 'layers'], at.name);
    const own = inside.filter((each) => !isShared(each)) as readonly ResolvedLayer[];
    // What is inside counts with all that it inherits: the defaults may change alone.
    const layers = data['layers'] === undefined ? {} : { layers: own.map(whole) };
    return { ...at, kind: kindNamed(given.type), data: { ...data, ...layers }, inside: own };
  }
}

function whole({ id, name, data }: ResolvedLayer): object {
  return { id, name, data };
}

/** Works out what each layer inherits, and who it is; the data has been checked. */
export function resolve(config: PoliciesConfig): ResolvedConfig {
  const resolver = new Resolver(config);
  const shared = Object.entries(config.layers ?? {}).map(([name, layer]) =>
    resolver.layer(layer as Given, { id: name, name, path: ['layers', name] }),
  );
  const policies = Object.entries(config.policies).map(
    ([name, layers]) => [name, resolver.layers(layers, ['policies', name], name)] as const,
  );
  return { shared, policies: new Map(policies), problems: resolver.problems };
}
