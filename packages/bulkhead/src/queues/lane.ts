import { FifoQueue } from '../queued-call.ts';
import type { OrderedQueue } from './ordered-call.ts';

/** The calls of one key that wait in a fair queue, and what the key may still spend in this turn. */
export class Lane {
  ahead: Lane | undefined = undefined;
  behind: Lane | undefined = undefined;
  readonly key: string | undefined;
  readonly calls: OrderedQueue;
  readonly rank: Rank = new Rank(this);
  /** How many turns it gets where another gets one. */
  share = 1;
  /** How many places it may still take. */
  credit = 0;
  /** Whether it has got its credit for this turn. */
  hasTurn = false;

  constructor(key: string | undefined, calls: OrderedQueue) {
    this.key = key;
    this.calls = calls;
  }
}

/** Where a lane stands among those that are as long. */
class Rank {
  ahead: Rank | undefined = undefined;
  behind: Rank | undefined = undefined;
  readonly lane: Lane;

  constructor(lane: Lane) {
    this.lane = lane;
  }
}

/** Knows which lane is the longest, at a constant cost for each call that comes or goes. */
export class LaneLengths {
  /** The lanes of length 1, of length 2, and so on. */
  private readonly ranks: FifoQueue<Rank>[] = [];

  /** A lane has become longer or shorter by one call. */
  changed({ rank }: Lane, from: number, to: number): void {
    const { ranks } = this;
    if (from > 0) ranks[from - 1]?.remove(rank);
    if (to > 0) (ranks[to - 1] ??= new FifoQueue()).add(rank);
    while (ranks.at(-1)?.size === 0) ranks.pop();
  }

  /** The longest lane; of several, the one that has been so for longest. */
  longest(): Lane | undefined {
    return this.ranks.at(-1)?.first()?.lane;
  }
}
