import process from 'node:process';
import { createLogUpdate } from 'log-update';
import type { Demo } from '../demo.ts';
import type { PhaseResult, Report } from '../report.ts';
import { jsonReport } from './json-report.ts';
import { liveScreen } from './live-screen.ts';
import { phaseLine } from './phase-line.ts';
import { summary } from './summary.ts';

/** Shows what is going on. */
export interface Display {
  /** Something is being prepared. */
  say(text: string): void;
  begin(demo: Demo): void;
  phaseEnded(result: PhaseResult): void;
  end(report: Report): void;
  /** Leaves the screen as it is. */
  stop(): void;
}

const framesPerSecond = 8;
/** How wide a summary is for a log. */
const logColumns = 120;

/** For a terminal: one screen that changes as it happens. */
class LiveDisplay implements Display {
  private readonly draw = createLogUpdate(process.stdout);
  private timer: NodeJS.Timeout | undefined;

  say(text: string): void {
    this.draw(`\n ${text}`);
  }

  begin(demo: Demo): void {
    const frame = (): void =>
      this.draw(liveScreen(demo.state, performance.now(), process.stdout.rows));
    this.timer = setInterval(frame, 1_000 / framesPerSecond);
  }

  phaseEnded(): void {}

  end(report: Report): void {
    clearInterval(this.timer);
    this.draw.clear();
    this.stop();
    process.stdout.write(summary(report, process.stdout.columns));
  }

  stop(): void {
    clearInterval(this.timer);
    this.draw.done();
  }
}

/** For a pipe or a log: a line for each phase. */
class LineDisplay implements Display {
  private readonly output: NodeJS.WriteStream;
  private readonly shownAtEnd: (report: Report) => string;

  constructor(output: NodeJS.WriteStream, shownAtEnd: (report: Report) => string) {
    this.output = output;
    this.shownAtEnd = shownAtEnd;
  }

  say(text: string): void {
    this.output.write(`${text}\n`);
  }

  begin(): void {}

  phaseEnded(result: PhaseResult): void {
    this.say(phaseLine(result));
  }

  end(report: Report): void {
    process.stdout.write(this.shownAtEnd(report));
  }

  stop(): void {}
}

/** The display that fits: JSON alone on the standard output, a live screen, or lines. */
export function makeDisplay({ json, seed }: { json: boolean; seed: number }): Display {
  if (json) return new LineDisplay(process.stderr, (report) => `${jsonReport(report, seed)}\n`);
  if (process.stdout.isTTY) return new LiveDisplay();
  return new LineDisplay(process.stdout, (report) => summary(report, logColumns));
}
