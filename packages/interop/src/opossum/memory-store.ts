import { systemClock } from '@holdfast/policy';

/** Where the promises of answers are, for a cache or for coalescing. */
export interface AnswerStore {
  get(key: string): unknown;
  /** Keeps an answer for so many milliseconds; 0 for ever. */
  set(key: string, answer: Promise<unknown>, ttlMs: number): void;
  clear(): void;
}

interface Entry {
  readonly answer: Promise<unknown>;
  readonly expiresAt: number;
}

/** Keeps a bounded number of answers: the one that came first makes room. */
export class MemoryStore implements AnswerStore {
  private readonly entries: Map<string, Entry> = new Map();
  private readonly maxEntries: number;

  constructor(maxEntries: number) {
    this.maxEntries = maxEntries;
  }

  get(key: string): Promise<unknown> | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    if (systemClock.now() < entry.expiresAt) return entry.answer;
    this.entries.delete(key);
    return undefined;
  }

  set(key: string, answer: Promise<unknown>, ttlMs: number): void {
    if (this.maxEntries === 0) return;
    if (!this.entries.has(key) && this.entries.size >= this.maxEntries) {
      for (const first of this.entries.keys()) {
        this.entries.delete(first);
        break;
      }
    }
    const expiresAt = ttlMs > 0 ? systemClock.now() + ttlMs : Number.POSITIVE_INFINITY;
    this.entries.set(key, { answer, expiresAt });
  }

  delete(key: string): void {
    this.entries.delete(key);
  }

  clear(): void {
    this.entries.clear();
  }
}
