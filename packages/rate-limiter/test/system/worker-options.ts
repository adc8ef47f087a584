/** What a worker does. */
export interface WorkerOptions {
  readonly url: string;
  readonly client: 'ioredis' | 'redis';
  readonly algorithm:
    | { readonly kind: 'bucket'; readonly rate: number; readonly capacity: number }
    | { readonly kind: 'window'; readonly limit: number; readonly windowMs: number };
  readonly name: string;
  /** How many processes share the limit while Redis is away; undefined: nothing goes. */
  readonly processes?: number | undefined;
  readonly share?: 'none' | undefined;
  /** How many calls wait at any time; 0: calls that cannot go are refused. */
  readonly waiting: number;
  /** How many calls come each millisecond, of those that are refused. */
  readonly callsPerMs: number;
  /** The file for what happens, a line for each event: its name, the time, and a number. */
  readonly log: string;
  readonly timeoutMs?: number | undefined;
}
