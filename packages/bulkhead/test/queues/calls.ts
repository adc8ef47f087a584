import { type Bulkhead, isBulkheadFullError } from '@holdfast/bulkhead';
import { type ContextKey, contextKey, type ExecuteOptions } from '@holdfast/policy';
import { type Work, work } from '../work.ts';

/** What the functions of an order read; each call brings its own along. */
export const urgency: ContextKey<number> = contextKey('urgency');
export const tenant: ContextKey<string> = contextKey('tenant');
export const size: ContextKey<number> = contextKey('size');

interface Traits {
  readonly urgency?: number;
  readonly tenant?: string;
  readonly size?: number;
}

/** Calls by name: which have started, and how those that were turned away ended. */
export class Calls {
  readonly started: string[] = [];
  readonly rejected: Record<string, unknown> = {};
  private readonly runs: Work[] = [];
  private ended = 0;
  private readonly works: Map<string, Work> = new Map();
  private readonly policy: Bulkhead;

  constructor(policy: Bulkhead) {
    this.policy = policy;
  }

  execute(name: string, traits: Traits = {}, options: ExecuteOptions = {}): void {
    void this.outcome(name, traits, options);
  }

  outcome(name: string, traits: Traits = {}, options: ExecuteOptions = {}): Promise<unknown> {
    const each = work(() => {
      this.started.push(name);
      this.runs.push(each);
    });
    this.works.set(name, each);
    const properties = [
      ...(traits.urgency === undefined ? [] : [urgency(traits.urgency)]),
      ...(traits.tenant === undefined ? [] : [tenant(traits.tenant)]),
      ...(traits.size === undefined ? [] : [size(traits.size)]),
    ];
    return this.policy.execute(each.operation, { ...options, properties }).catch((error) => {
      this.rejected[name] = isBulkheadFullError(error) ? error.reason : error;
    });
  }

  end(...names: readonly string[]): void {
    for (const name of names) this.works.get(name)?.resolve();
  }

  /** Ends the one that has started first of those that run. */
  endOldest(): void {
    this.ended++;
    this.runs[this.ended - 1]?.resolve();
  }

  /** Ends what runs, time and again, until nothing is left. */
  async endAll(settled: () => Promise<void>): Promise<string[]> {
    while (this.policy.active > 0) {
      for (const each of this.runs) each.resolve();
      await settled();
    }
    return this.started;
  }
}
