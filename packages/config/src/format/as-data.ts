/** What stands in data for one option: the name of a function in its place, numbers as they are. */
export type DataOf<T> = T extends (...args: never[]) => unknown
  ? string
  : T extends number
    ? number | 'Infinity'
    : T extends string | boolean | null | undefined
      ? T
      : T extends readonly (infer Item)[]
        ? readonly DataOf<Item>[]
        : never;

/** Options that only code can give. */
export type OfCode = 'clock' | 'random' | 'name';

/**
 * The options of a maker as they stand in data: the same names and the same meaning, so that what is
 * said of one holds for the other. `Own` says how those look that are more than a plain value.
 */
export type AsData<Options, Own extends object = object> = {
  readonly [Name in keyof Options as Name extends OfCode | keyof Own ? never : Name]: DataOf<
    Options[Name]
  >;
} & Own;

/** The same where each may be left out, since a template or the defaults may give it. */
export type AsPartialData<Options, Own extends object = object> = {
  readonly [Name in keyof Options as Name extends OfCode | keyof Own ? never : Name]?:
    | DataOf<Options[Name]>
    | undefined;
} & Own;

/** What says by which function something is made. */
export interface OfKind<Kind extends string> {
  /** The name of the function that makes it in code. */
  readonly kind: Kind;
}

/** What every layer of a pipeline has. */
export interface LayerCommon<Type extends string> {
  /** Which policy it is: the name of the function that makes it in code. */
  readonly type: Type;
  /**
   * The name for errors and events, by which a change finds the layer again. Without it, it is the name
   * of the pipeline and the type (`payment.retry`), for the second of a type also its number.
   */
  readonly name?: string | undefined;
  /** The template whose options this layer has, except for those that it gives itself. */
  readonly extends?: string | undefined;
}
