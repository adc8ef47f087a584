import {
  admitted,
  type EnterVerdict,
  type ExitVerdict,
  type Layer,
  LayeredPolicy,
  pass,
  type Run,
} from '@holdfast/policy';
import { type Flight, flightKey } from './flight.ts';

/** Whom the end of a flight is told. */
export interface FlightHost extends Layer {
  /** The flight has come to an answer. */
  landed(flight: Flight, ok: boolean, value: unknown): void;
}

/**
 * What stands inside a layer, as a pipeline of its own: a flight is an execution of it, and so belongs
 * to none of the calls that wait for it. It is the outermost layer of that pipeline.
 */
export class Inside extends LayeredPolicy {
  readonly kind: string = 'flight';
  readonly at: number;
  private readonly host: FlightHost;
  private readonly inner: readonly Layer[];

  constructor(host: FlightHost, layers: readonly Layer[], at: number) {
    super(host.name);
    this.at = at;
    this.host = host;
    // Where the host stands twice, a flight would wait for itself.
    this.inner = layers.slice(at + 1).filter((layer) => layer !== host);
  }

  override get layers(): readonly Layer[] {
    return [this, ...this.inner];
  }

  /** It stops waiting once nobody wants the answer any more. */
  override get detaches(): boolean {
    return true;
  }

  enter(run: Run, at: number): EnterVerdict {
    const flight = run.get(flightKey) as Flight;
    flight.run = run;
    run.tickets[at] = flight;
    return admitted;
  }

  moved(run: Run, at: number): void {
    (run.tickets[at] as Flight).run = run;
  }

  success(run: Run, at: number, value: unknown): ExitVerdict {
    return this.ended(run, at, true, value);
  }

  failure(run: Run, at: number, error: unknown): ExitVerdict {
    return this.ended(run, at, false, error);
  }

  private ended(run: Run, at: number, ok: boolean, value: unknown): ExitVerdict {
    const flight = run.tickets[at] as Flight;
    this.host.landed(flight, ok, value);
    if (run.openWork > 0) run.holdUntilIdle(at);
    else flight.workEnded();
    return pass;
  }

  idle(run: Run, at: number): void {
    (run.tickets[at] as Flight).workEnded();
  }

  protected described(): Readonly<Record<string, unknown>> {
    return {};
  }
}
