import type { AnyPolicy } from '@holdfast/policy';
import type { LayerOptions } from '../format/objects.ts';
import type { Workshop } from './workshop.ts';

/** The data of a layer with all that it inherits, before anything is made of it. */
export interface LayerData {
  readonly type: string;
  readonly [option: string]: unknown;
}

/** How a policy that lives is given other options. */
interface Reconfiguration {
  /** The options that it cannot be given: where one of them is another, the policy is replaced. */
  readonly fixed: readonly string[];
  /** Gives it the options of `data`, and their defaults for all that is not there. */
  apply(policy: AnyPolicy, data: LayerData, workshop: Workshop): void;
}

/** What is known of a type of layer. */
export interface LayerKind {
  /** The name in data, which is that of the maker. */
  readonly type: string;
  /** The schema of its options. */
  readonly schema: LayerOptions;
  /** Options that exclude one another: one that is given nearer takes away the others from further off. */
  readonly alternatives?: readonly (readonly string[])[] | undefined;
  /** Makes the policy; throws what its maker throws. */
  make(data: LayerData, workshop: Workshop): AnyPolicy;
  /** For policies whose state a change must keep; others are made anew. */
  readonly reconfiguration?: Reconfiguration | undefined;
  /** Hands on what a policy knows to the one that replaces it, as far as that has use for it. */
  succeed?(former: AnyPolicy, next: AnyPolicy): void;
  /** Ends what a policy does by itself, once no new call comes to it. */
  retire?(policy: AnyPolicy): void;
}
