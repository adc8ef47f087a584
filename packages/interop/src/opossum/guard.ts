import { type Bulkhead, bulkhead } from '@holdfast/bulkhead';
import { type Timeout, timeout } from '@holdfast/timeout';
import type { AbortControl } from './abort-control.ts';
import { Attempt, type CallEnds } from './attempt.ts';
import type { Circuit } from './circuit.ts';
import type { Tell } from './events.ts';
import { fallBack, type FallbackFunction } from './fall-back.ts';
import type { Action } from './invoke.ts';
import type { ResolvedOptions } from './resolve-options.ts';
import type { Status } from './status.ts';

/** What a guard is made of. */
export interface GuardParts {
  readonly name: string;
  readonly action: Action;
  readonly options: ResolvedOptions;
  readonly circuit: Circuit;
  readonly status: Status;
  readonly abortControl: AbortControl;
  readonly tell: Tell;
}

/** Takes a call through circuit, semaphore and timeout, each a policy of ours, and tells what happens. */
export class Guard {
  readonly parts: GuardParts;
  fallback: FallbackFunction | undefined;
  readonly timeout: Timeout | undefined;
  private readonly places: Bulkhead | undefined;

  constructor(parts: GuardParts) {
    const { name, options } = parts;
    this.parts = parts;
    this.timeout = options.timeout > 0 ? timeout({ name, afterMs: options.timeout }) : undefined;
    this.places = placesOf(name, options.capacity);
  }

  /** Makes a call. Everything up to the action's own waiting happens before this returns. */
  run(context: unknown, args: unknown[], ends?: CallEnds): Promise<unknown> {
    const permit = this.parts.circuit.tryAcquire();
    if (permit === undefined) return this.refuse(args);
    return new Attempt(this, { context, args, permit, ends }).run();
  }

  private refuse(args: unknown[]): Promise<unknown> {
    const { circuit, status, tell } = this.parts;
    const error = circuit.refusal();
    status.count('rejects');
    tell('reject', error);
    return this.fallBack(error, args) ?? Promise.reject(error);
  }

  fallBack(error: unknown, args: unknown[]): Promise<unknown> | undefined {
    return this.fallback && fallBack(this.fallback, { error, args, ...this.parts });
  }

  /** Takes a place; returns the function that gives it back, or undefined if there is none. */
  takePlace(): (() => void) | undefined {
    if (this.places === undefined) return nothing;
    const place = this.places.tryAcquire();
    return place && (() => place.release());
  }
}

function nothing(): void {}

/** A bulkhead has one place at least: paused, it has none. */
function placesOf(name: string, capacity: number): Bulkhead | undefined {
  if (capacity === Number.MAX_SAFE_INTEGER) return undefined;
  const places = bulkhead({ name, maxConcurrent: Math.max(1, capacity) });
  if (capacity === 0) places.pause();
  return places;
}
