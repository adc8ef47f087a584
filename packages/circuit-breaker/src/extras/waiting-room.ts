import {
  type Clock,
  deadlineHeap,
  DeadlineQueue,
  type HeapedDeadline,
  type Layer,
  type Run,
} from '@holdfast/policy';
import type { Circuit } from '../state.ts';
import type { Ticket } from '../ticket.ts';
import { WaitingCall, type WaitKeeper } from './waiting-call.ts';

/** The breaker, as its waiting calls see it. */
export interface WaitHost {
  readonly clock: Clock;
  readonly circuit: Circuit;
  /** Whether probes are under way, so that it makes sense to wait. */
  readonly isProbing: boolean;
  /** Whether a further probe may go. */
  readonly hasPermit: boolean;
  /** Lets a call in and gives it a ticket. */
  admit(now: number): Ticket | undefined;
  /** The probes have had their time: opens the circuit. */
  giveUpOnProbes(now: number): void;
}

/**
 * The calls that wait for the decision of the probes, first come, first served. It is itself the
 * deadline of probes that hang: as long as somebody waits, nobody may come who would notice.
 */
export class WaitingRoom implements WaitKeeper, HeapedDeadline {
  size = 0;
  due: number | undefined = undefined;
  place = -1;
  private readonly host: WaitHost;
  private readonly maxQueued: number;
  private readonly maxWaitMs: number;
  private readonly waits: DeadlineQueue | undefined;
  private head: WaitingCall | undefined = undefined;
  private tail: WaitingCall | undefined = undefined;
  private isHandingOut = false;

  constructor(host: WaitHost, maxQueued: number, maxWaitMs: number | undefined) {
    this.host = host;
    this.maxQueued = maxQueued;
    this.maxWaitMs = maxWaitMs ?? Number.POSITIVE_INFINITY;
    this.waits = maxWaitMs === undefined ? undefined : new DeadlineQueue(host.clock, maxWaitMs);
  }

  get isFull(): boolean {
    return this.size >= this.maxQueued;
  }

  /** Lets a call that layer `at` parks wait here. */
  add(run: Run, at: number, now: number): WaitingCall {
    const call = new WaitingCall(run, now, this);
    const { tail } = this;
    call.ahead = tail;
    if (tail === undefined) this.head = call;
    else tail.behind = call;
    this.tail = call;
    this.size++;
    this.limit(call, at);
    if (this.place === -1) this.watchProbes();
    return call;
  }

  /** Lets it expire when its time is over, unless a layer outside cuts it at its deadline. */
  private limit(call: WaitingCall, at: number): void {
    const { deadline } = call.run;
    const isFirst = deadline !== undefined && deadline <= call.since + this.maxWaitMs;
    if (isFirst && !isCutOutside(call.run, at)) deadlineHeap(this.host.clock).add(call, deadline);
    else this.waits?.add(call);
  }

  /** Takes out one that has not been called. */
  remove(call: WaitingCall): void {
    const { ahead, behind } = call;
    if (ahead === undefined) this.head = behind;
    else ahead.behind = behind;
    if (behind === undefined) this.tail = ahead;
    else behind.ahead = ahead;
    call.ahead = call.behind = undefined;
    this.size--;
    this.waits?.remove(call);
    const heap = deadlineHeap(this.host.clock);
    heap.remove(call);
    if (this.size === 0) heap.remove(this);
  }

  waitExpired(call: WaitingCall, due: number): void {
    const { deadline } = call.run;
    this.call(call, deadline !== undefined && deadline <= due ? 'too-late' : 'expired');
  }

  private call(call: WaitingCall, state: WaitingCall['state'], permit?: Ticket): void {
    this.remove(call);
    call.state = state;
    call.permit = permit;
    call.run.resume();
  }

  /** The circuit is another one: hands out the permits that it has, or lets all go. */
  circuitChanged(): void {
    if (this.head === undefined || this.isHandingOut) return;
    this.isHandingOut = true;
    if (this.host.isProbing) this.handOut();
    else while (this.head !== undefined) this.call(this.head, 'called');
    this.isHandingOut = false;
  }

  private handOut(): void {
    const { host } = this;
    const now = host.clock.now();
    while (this.head !== undefined && host.hasPermit) {
      this.call(this.head, 'called', host.admit(now));
    }
  }

  private watchProbes(): void {
    const { clock, circuit } = this.host;
    deadlineHeap(clock).add(this, circuit.until);
  }

  /** The probes may have had their time. */
  expire(): void {
    const now = Math.max(this.host.clock.now(), this.due ?? 0);
    if (now >= this.host.circuit.until) this.host.giveUpOnProbes(now);
    if (this.size > 0 && this.host.circuit.until > now) this.watchProbes();
  }
}

/** Whether a layer outside cuts the call at its deadline: it is for that one to say so then. */
function isCutOutside(run: Run, at: number): boolean {
  return run.plan.layers.some((layer: Layer, i) => i < at && layer.aborts);
}
