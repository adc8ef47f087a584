import { type CircuitBreaker, restoreSnapshot } from '@holdfast/circuit-breaker';
import { systemClock } from '@holdfast/policy';
import { CircuitState } from './circuit-state.ts';
import { epochMs } from './epoch.ts';

/** The state of a circuit as `toJSON` of cockatiel writes it. */
export type OwnState =
  | { readonly value: typeof CircuitState.Closed }
  | {
      readonly value: typeof CircuitState.Open | typeof CircuitState.HalfOpen;
      /** When it opened, in milliseconds since 1970. */
      readonly openedAt: number;
      /** How often in a row it has opened without closing in between. */
      readonly attemptNo: number;
    }
  | { readonly value: typeof CircuitState.Isolated; readonly counters: number };

/** What `toJSON` of cockatiel writes. */
export interface SerializedCircuit {
  /** The state of the circuit. */
  readonly ownState: OwnState;
  /** The `state` of the breaker. */
  readonly breakerState: unknown;
}

/** The circuit as cockatiel writes it; a half-open one as an open one whose break is over. */
export function ownStateOf({ metrics }: CircuitBreaker): OwnState {
  const { state, openings, openedAt = 0, isolations } = metrics;
  if (state === 'closed') return { value: CircuitState.Closed };
  if (state === 'isolated') return { value: CircuitState.Isolated, counters: isolations };
  if (state === 'half-open') {
    // What was under way has to begin anew; cockatiel counts the opening that might follow already.
    return { value: CircuitState.Open, openedAt: 0, attemptNo: openings + 1 };
  }
  const agoMs = systemClock.now() - openedAt;
  return { value: CircuitState.Open, openedAt: Math.round(epochMs() - agoMs), attemptNo: openings };
}

/** Opens a new circuit as it was written; its break of `openForMs` counts from then. */
export function reopen(
  breaker: CircuitBreaker,
  { openedAt, attemptNo }: { readonly openedAt: number; readonly attemptNo: number },
  openForMs: number,
): void {
  const now = epochMs();
  restoreSnapshot(
    breaker,
    {
      version: 1,
      takenAtMs: now,
      state: 'open',
      openings: attemptNo,
      openedAgoMs: Math.max(0, now - openedAt),
      remainingMs: Math.max(0, openedAt + openForMs - now),
      trips: [],
    },
    { epochMs: () => now },
  );
}
