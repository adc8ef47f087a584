import { type Clock, systemClock } from '../clock.ts';
import type { Layer } from '../layer.ts';

const noPlaces: readonly number[] = [];
const firstPlace: readonly number[] = [0];

/** The places of layers. Plans of one layer, of which there may be many, share their lists. */
function placesOf(layers: readonly Layer[], is: (layer: Layer) => boolean): readonly number[] {
  const places = layers.flatMap((layer, at) => (is(layer) ? [at] : []));
  if (places.length === 0) return noPlaces;
  return places.length === 1 && places[0] === 0 ? firstPlace : places;
}

/** What is known of a pipeline before any call: made once, used by every call. */
export class Plan {
  /** The layers, outermost first. */
  readonly layers: readonly Layer[];
  /** Some layer may stop waiting before the work has ended. */
  readonly detaches: boolean;
  /** Each record needs a signal of its own, and watches the caller's for as long as it lives. */
  readonly watches: boolean;
  /** Some layer wants to surround the call of the operation. */
  readonly surrounds: boolean;
  /** A timer may run the operation again: it has to be in its caller's async context then. */
  readonly keepsContext: boolean;
  /** The layers that set a deadline. */
  readonly deadlineLayers: readonly number[];
  /** How many layers there are. */
  readonly size: number;
  /** The places of the layers that have to be asked about each call; see {@link Layer.isReactive}. */
  readonly active: readonly number[];
  /** Those layers: not to have to look them up by their places is a tenth of what a policy costs. */
  readonly activeLayers: readonly Layer[];
  /** The outermost layer, if it may refuse calls outright. */
  readonly gate: Layer | undefined;
  /** The clock of the outermost layer that has one. */
  readonly clock: Clock;

  /** Without the layers that layer {@link Plan.expandedAt} has put inside itself for some calls. */
  readonly base: Plan | undefined;
  /** The layer that has put others inside itself; -1: none has. */
  readonly expandedAt: number;

  constructor(layers: readonly Layer[], base?: Plan, expandedAt: number = -1) {
    this.layers = layers;
    this.size = layers.length;
    this.base = base;
    this.expandedAt = expandedAt;
    this.detaches = layers.some((layer) => layer.detaches);
    this.watches = this.detaches || layers.some((layer) => layer.aborts);
    this.surrounds = layers.some((layer) => layer.surround !== undefined);
    this.clock = layers.find((layer) => layer.clock !== undefined)?.clock ?? systemClock;
    this.deadlineLayers = placesOf(layers, (layer) => layer.deadlineOf !== undefined);
    this.active = placesOf(layers, (layer) => layer.isReactive !== true);
    const { active } = this;
    this.activeLayers =
      active.length === layers.length ? layers : active.map((at) => layers[at] as Layer);
    this.gate = layers[0]?.refuse === undefined ? undefined : layers[0];
    const outermostRerun = layers.findIndex((layer) => layer.reruns);
    const innermostTimer = layers.findLastIndex((layer) => layer.detaches || layer.aborts);
    this.keepsContext = outermostRerun !== -1 && outermostRerun < innermostTimer;
  }

  /** The plan of what layer `at` begins: those further in may put others inside themselves anew. */
  inside(at: number): Plan {
    let plan: Plan = this;
    while (at < plan.expandedAt) plan = plan.base as Plan;
    return plan;
  }

  /** The layer to tell of a late result when layer `at` (-1: the caller) stopped waiting, or -1. */
  lateLayer(at: number): number {
    return this.layers.findIndex((layer, i) => i >= at && layer.late !== undefined);
  }
}
