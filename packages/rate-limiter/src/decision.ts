/** What a limiter says of one call, or of one key. */
export interface RateDecision {
  /** Whether the call may go. */
  readonly allowed: boolean;
  /** How many units may go in `windowMs`. */
  readonly limit: number;
  /** The window of the limit, in milliseconds. */
  readonly windowMs: number;
  /** How many units may still go at this moment. */
  readonly remaining: number;
  /** After how many milliseconds the call may go; 0 if it may go now. */
  readonly retryAfterMs: number;
  /** After how many milliseconds all of the limit is there again, if nothing more goes. */
  readonly resetAfterMs: number;
}
