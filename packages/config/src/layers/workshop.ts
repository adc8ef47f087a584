import { isDeepStrictEqual } from 'node:util';
import type { Clock, ContextKey, ExecutionContext, RetryBudget } from '@holdfast/policy';
import { suggestion } from '../check/did-you-mean.ts';
import type { ConfigProblem } from '../errors.ts';
import { pathOf, problemOf, quoted } from '../check/problem.ts';
import type { ResolvedLayer } from './resolved-layer.ts';

/** Any function; what it has to be like, whoever names it has to know. */
export type NamedFunction = (...args: never[]) => unknown;

/** What the code gives by name. */
export interface Registry {
  readonly clock: Clock | undefined;
  readonly functions: ReadonlyMap<string, NamedFunction>;
  readonly contextKeys: ReadonlyMap<string, ContextKey<unknown>>;
}

/** Something with a state that belongs to a layer, and what it was made from. */
interface Part {
  readonly data: unknown;
  readonly value: unknown;
}

/** The parts of a layer, by where they stand in it. */
export type Parts = ReadonlyMap<string, Part>;

/** What a {@link Workshop} works with. */
export interface WorkshopOptions {
  readonly registry: Registry;
  /** The retry budgets that have a name. */
  readonly budgets: ReadonlyMap<string, RetryBudget>;
  /** Where the layer stands. */
  readonly path: readonly (string | number)[];
  /** The name of the policy. */
  readonly name: string;
  /** The layers of the policy of a key, in a keyed one. */
  readonly inside: readonly ResolvedLayer[];
  /** What the former layer of this name had. */
  readonly former?: Parts | undefined;
}

/**
 * Where one layer is made: it knows the functions by their names, keeps parts whose data has not
 * changed, and writes down what is wrong, with the path.
 */
export class Workshop {
  readonly options: WorkshopOptions;
  readonly problems: ConfigProblem[] = [];
  readonly parts: Map<string, Part> = new Map();

  constructor(options: WorkshopOptions) {
    this.options = options;
  }

  /** What every policy is told. */
  get common(): { readonly name: string; readonly clock: Clock | undefined } {
    const { name, registry } = this.options;
    return { name, clock: registry.clock };
  }

  get clock(): Clock | undefined {
    return this.options.registry.clock;
  }

  /** The function of that name; undefined where none is named. */
  // Only whoever asks knows what is to come.
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  function<F>(option: string, name: unknown): F | undefined {
    if (name === undefined) return undefined;
    const { functions } = this.options.registry;
    const found = functions.get(name as string);
    if (found === undefined)
      this.unknown(option, 'function', name as string, [...functions.keys()]);
    // That it fits its place is for whoever registers it to see to; a stand-in keeps the checks going.
    return (found ?? (() => undefined)) as F;
  }

  /** A function of the context: the value of the context key of that name, or a function of that name. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  reader<T>(option: string, name: unknown): ((context: ExecutionContext) => T) | undefined {
    if (name === undefined) return undefined;
    const { contextKeys, functions } = this.options.registry;
    const key = contextKeys.get(name as string);
    if (key !== undefined) return (context) => context.get(key) as T;
    if (functions.has(name as string)) return this.function(option, name);
    const known = [...contextKeys.keys(), ...functions.keys()];
    this.unknown(option, 'context key or function', name as string, known);
    return () => undefined as T;
  }

  /** The budget of that name, or one of the layer's own. */
  budget(option: string, data: unknown, make: () => RetryBudget): RetryBudget | undefined {
    if (data === undefined) return undefined;
    if (typeof data !== 'string') return this.part(option, data, make);
    const { budgets } = this.options;
    const found = budgets.get(data);
    if (found === undefined) this.unknown(option, 'budget', data, [...budgets.keys()]);
    // Under the same name there may be another one after a change.
    this.parts.set(option, { data, value: found });
    return found;
  }

  /** What was made from the same data before, or what `make` makes. */
  part<T>(option: string, data: unknown, make: () => T): T {
    const former = this.options.former?.get(option);
    const isSame = former !== undefined && isDeepStrictEqual(former.data, data);
    const value = isSame ? (former.value as T) : this.at(option, make);
    this.parts.set(option, { data, value });
    return value;
  }

  /** Makes something that stands under `option`, so that its errors tell the path. */
  at<T>(option: string | number, make: () => T): T {
    try {
      return make();
    } catch (error) {
      throw new ErrorAt(option, error);
    }
  }

  private unknown(option: string, what: string, name: string, known: readonly string[]): void {
    const list = known.length === 0 ? 'none is registered' : `those known are ${known.join(', ')}`;
    const message = `there is no ${what} ${quoted(name)}${suggestion(name, known)}; ${list}`;
    const keys = option.split('.').map((key) => (/^\d+$/u.test(key) ? Number(key) : key));
    this.problems.push({ path: pathOf([...this.options.path, ...keys]), message });
  }

  /** Writes down what a maker threw. */
  failed(error: unknown): void {
    const within: (string | number)[] = [];
    let inner = error;
    for (; inner instanceof ErrorAt; inner = inner.cause) within.push(inner.option);
    this.problems.push(problemOf([...this.options.path, ...within], inner));
  }
}

/** An error of a maker, and the option for which it was made. */
class ErrorAt extends Error {
  readonly option: string | number;

  constructor(option: string | number, cause: unknown) {
    super(String(option), { cause });
    this.option = option;
  }
}
