import type { LimitEstimator } from './limit-estimator.ts';
import type { CheckedLatencyOptions } from './limit-options.ts';
import type { MeasuredCall } from './measured-call.ts';
import { Probe } from './probe.ts';
import { SampleWindow } from './sample-window.ts';

/** The latency at first may be that of a queue already: it is measured soon. */
const windowsBeforeFirstProbe = 3;
/** As many calls tell their average well enough, also if some take far longer than others. */
const samplesOfProbe = 200;
/** How often the time between two probes is doubled at most, while they come to nothing. */
const mostDoublings = 5;

/**
 * What the algorithms that go by the latency share: windows, drops and probes.
 *
 * An average, or a minimum that is taken anew under load, follows the very queue that the limit lets
 * grow, and the limit follows it in turn. So what is compared with is measured with less load from time
 * to time, as by BBR (N. Cardwell et al., "BBR: Congestion-Based Congestion Control", 2016) and by the
 * adaptive concurrency of Envoy. Drops lower the limit in proportion to their part of the calls, as in
 * DCTCP (M. Alizadeh et al., "Data Center TCP", SIGCOMM 2010).
 */
export abstract class LatencyEstimator implements LimitEstimator {
  private exact: number;
  private readonly options: CheckedLatencyOptions;
  private readonly window: SampleWindow;
  private windowsLeft: number;
  private probe: Probe | undefined = undefined;
  /** How many probes in a row came to nothing. */
  private failedProbes = 0;

  constructor(options: CheckedLatencyOptions) {
    const { initialLimit, windowMs, minSamples, probeEvery } = options;
    this.options = options;
    this.exact = initialLimit;
    this.window = new SampleWindow(windowMs, minSamples);
    this.windowsLeft = this.jittered(Math.min(windowsBeforeFirstProbe, probeEvery));
  }

  /** Takes in the average latency of a window. */
  protected abstract learn(latencyMs: number): void;

  /** Goes on from a latency that was measured without a queue. */
  protected abstract learnBase(latencyMs: number): void;

  /** The limit after a window in which calls used this one. */
  protected abstract next(limit: number, latencyMs: number): number;

  /** How many calls may queue in the dependency without the limit shrinking. */
  protected abstract allowance(limit: number): number;

  get places(): number {
    return this.probe === undefined ? Math.floor(this.exact) : this.probe.places;
  }

  get isProbing(): boolean {
    return this.probe !== undefined;
  }

  get patienceMs(): number {
    return Math.max(this.options.windowMs, this.probe?.patienceMs ?? 0);
  }

  started(call: MeasuredCall): void {
    this.probe?.started(call);
  }

  sampled(call: MeasuredCall, latencyMs: number, now: number): void {
    if (this.probe !== undefined) this.probed(this.probe, call, latencyMs);
    else {
      this.window.add(latencyMs, call.inFlight);
      if (this.window.isOver(now)) this.closeWindow();
    }
  }

  dropped(call: MeasuredCall, now: number): void {
    if (this.probe !== undefined) this.probed(this.probe, call, undefined);
    else {
      this.window.addDrop();
      if (this.window.isOver(now)) this.closeWindow();
    }
  }

  ignored(call: MeasuredCall): void {
    if (this.probe !== undefined) this.probed(this.probe, call, undefined);
  }

  reset(places: number): void {
    this.exact = places;
    this.probe = undefined;
    this.window.restart();
  }

  private probed(probe: Probe, call: MeasuredCall, latencyMs: number | undefined): void {
    if (probe.ended(call, latencyMs)) this.endProbe(probe.latencyMs);
  }

  /** Calls that last hold its places: the next probe, which would do no better, comes the later. */
  giveUp(): void {
    const { probe } = this;
    if (probe === undefined) return;
    if (probe.hasStarted) {
      this.endProbe(probe.latencyMs);
      return;
    }
    this.failedProbes = Math.min(mostDoublings, this.failedProbes + 1);
    this.windowsLeft *= 2 ** this.failedProbes;
    this.endProbe(undefined);
  }

  private endProbe(baseMs: number | undefined): void {
    if (baseMs !== undefined) {
      this.failedProbes = 0;
      this.learnBase(baseMs);
    }
    this.probe = undefined;
    this.window.restart();
  }

  private closeWindow(): void {
    const { window, exact } = this;
    const { latencyMs, samples, dropShare } = window;
    const isUsed = window.peak >= exact / 2;
    let next = exact;
    if (latencyMs !== undefined) {
      this.learn(latencyMs);
      if (isUsed) next = this.next(exact, latencyMs);
    }
    const { minLimit, maxLimit } = this.options;
    this.exact = Math.max(minLimit, Math.min(maxLimit, next * (1 - dropShare / 2)));
    window.restart();
    this.windowsLeft--;
    if (latencyMs === undefined || this.windowsLeft > 0) return;
    this.beginProbe(latencyMs, samples, isUsed);
  }

  private beginProbe(latencyMs: number, samples: number, isUsed: boolean): void {
    const { exact } = this;
    const { minLimit, minSamples, probeEvery } = this.options;
    this.windowsLeft = this.jittered(probeEvery);
    if (!isUsed) this.learnBase(latencyMs);
    else {
      // A small limit may consist of little else than what may queue.
      const half = Math.floor((exact - this.allowance(exact)) / 2);
      const places = Math.max(minLimit, half);
      // These take no longer than a window.
      const atEase = Math.min(samplesOfProbe, Math.ceil((samples * places) / exact));
      this.probe = new Probe(places, Math.max(minSamples, places, atEase), latencyMs);
    }
  }

  private jittered(windows: number): number {
    return windows * (1 - this.options.random() / 2);
  }
}
