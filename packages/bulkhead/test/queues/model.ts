/** A call in the queue of a model: what its order depends on. */
export interface ModelCall {
  readonly id: number;
  readonly weight: number;
  readonly urgency: number;
  readonly key: string;
  readonly share: number;
  /** When it began to wait. */
  readonly since: number;
}

/** A queue as a list that is searched from end to end: says whose turn it is, and who has to go. */
export interface ModelQueue {
  readonly calls: readonly ModelCall[];
  add(call: ModelCall): void;
  /** Takes a call out: because its turn has come, or for another reason. */
  remove(call: ModelCall, isStarting: boolean): void;
  next(now: number): ModelCall | undefined;
  isFullFor(call: ModelCall): boolean;
  victim(newcomer: ModelCall, now: number): ModelCall | undefined;
  last(now: number): ModelCall | undefined;
}

export class ModelFifo implements ModelQueue {
  calls: ModelCall[] = [];

  add(call: ModelCall): void {
    this.calls.push(call);
  }

  remove(call: ModelCall): void {
    this.calls = this.calls.filter((each) => each !== call);
  }

  next(): ModelCall | undefined {
    return this.calls[0];
  }

  isFullFor(): boolean {
    return false;
  }

  victim(): undefined {
    return undefined;
  }

  last(): ModelCall | undefined {
    return this.calls.at(-1);
  }
}

/** Sorts everybody anew each time. */
export class ModelPriority implements ModelQueue {
  private readonly inner: readonly ModelQueue[];
  private readonly ageAfterMs: number;

  constructor(ageAfterMs: number, makeInner: () => ModelQueue) {
    this.ageAfterMs = ageAfterMs;
    this.inner = Array.from({ length: 8 }, makeInner);
  }

  get calls(): readonly ModelCall[] {
    return this.inner.flatMap(({ calls }) => calls);
  }

  private of(call: ModelCall): ModelQueue {
    return this.inner[call.urgency] as ModelQueue;
  }

  private aged({ urgency, since }: ModelCall, now: number): number {
    return Math.max(0, urgency - Math.floor((now - since) / this.ageAfterMs));
  }

  private sorted(calls: readonly (ModelCall | undefined)[], now: number): ModelCall[] {
    return calls
      .filter((call) => call !== undefined)
      .toSorted(
        (a, b) =>
          this.aged(a, now) - this.aged(b, now) || a.since - b.since || a.urgency - b.urgency,
      );
  }

  add(call: ModelCall): void {
    this.of(call).add(call);
  }

  remove(call: ModelCall, isStarting: boolean): void {
    this.of(call).remove(call, isStarting);
  }

  next(now: number): ModelCall | undefined {
    return this.sorted(
      this.inner.map((each) => each.next(now)),
      now,
    )[0];
  }

  last(now: number): ModelCall | undefined {
    return this.sorted(
      this.inner.map((each) => each.last(now)),
      now,
    ).at(-1);
  }

  isFullFor(call: ModelCall): boolean {
    return this.of(call).isFullFor(call);
  }

  victim(newcomer: ModelCall, now: number): ModelCall | undefined {
    const last = this.last(now);
    const isLower = last !== undefined && this.aged(last, now) > newcomer.urgency;
    if (isLower && !this.isFullFor(newcomer)) return last;
    return this.of(newcomer).victim(newcomer, now);
  }
}

interface ModelLane {
  readonly key: string;
  readonly queue: ModelQueue;
  credit: number;
  share: number;
  isAtTurn: boolean;
  /** When its length last changed, as a count of changes. */
  changed: number;
}

/** Deficit round robin as in the paper, over a list of lanes that is turned round. */
export class ModelFair implements ModelQueue {
  private lanes: ModelLane[] = [];
  private heaviest = 1;
  private changes = 0;
  private readonly maxQueuedPerKey: number;
  private readonly makeInner: () => ModelQueue;

  constructor(maxQueuedPerKey: number, makeInner: () => ModelQueue) {
    this.maxQueuedPerKey = maxQueuedPerKey;
    this.makeInner = makeInner;
  }

  get calls(): readonly ModelCall[] {
    return this.lanes.flatMap(({ queue }) => queue.calls);
  }

  private lane(key: string): ModelLane | undefined {
    return this.lanes.find((each) => each.key === key);
  }

  private length(key: string): number {
    return this.lane(key)?.queue.calls.length ?? 0;
  }

  add(call: ModelCall): void {
    const { key, share } = call;
    let lane = this.lane(key);
    if (lane === undefined) {
      lane = { key, queue: this.makeInner(), credit: 0, share, isAtTurn: false, changed: 0 };
      this.lanes.push(lane);
    }
    lane.queue.add(call);
    lane.share = share;
    lane.changed = ++this.changes;
    this.heaviest = Math.max(this.heaviest, call.weight);
  }

  remove(call: ModelCall, isStarting: boolean): void {
    const lane = this.lane(call.key) as ModelLane;
    lane.queue.remove(call, isStarting);
    lane.changed = ++this.changes;
    if (isStarting) lane.credit -= call.weight;
    this.lanes = this.lanes.filter(({ queue }) => queue.calls.length > 0);
    if (this.lanes.length === 0) this.heaviest = 1;
  }

  next(now: number): ModelCall | undefined {
    for (;;) {
      const [lane] = this.lanes;
      if (lane === undefined) return undefined;
      if (!lane.isAtTurn) lane.credit += lane.share * this.heaviest;
      lane.isAtTurn = true;
      const call = lane.queue.next(now) as ModelCall;
      if (call.weight <= lane.credit) return call;
      lane.isAtTurn = false;
      this.lanes = [...this.lanes.slice(1), lane];
    }
  }

  private longest(): ModelLane | undefined {
    return this.lanes.toSorted(
      (a, b) => b.queue.calls.length - a.queue.calls.length || a.changed - b.changed,
    )[0];
  }

  last(now: number): ModelCall | undefined {
    return this.longest()?.queue.last(now);
  }

  isFullFor({ key }: ModelCall): boolean {
    return this.length(key) >= this.maxQueuedPerKey;
  }

  victim(newcomer: ModelCall, now: number): ModelCall | undefined {
    const longest = this.longest();
    const isLonger =
      longest !== undefined && longest.queue.calls.length > this.length(newcomer.key) + 1;
    if (isLonger && !this.isFullFor(newcomer)) return longest.queue.last(now);
    return this.lane(newcomer.key)?.queue.victim(newcomer, now);
  }
}
