import type { Clock, ClockTimer } from '@holdfast/policy';
import { argsOf, lookOnly } from './question.ts';
import type { RedisLink } from './redis-client.ts';
import type { SharedRule } from './shared-rule.ts';

/** The first look is after so many milliseconds; each further one after twice as many. */
const firstMs = 50;
/** For how long a command without an answer keeps others from being sent, in milliseconds. */
const patienceMs = 30_000;

/** How an {@link AwayProbe} looks. */
export interface ProbeSettings {
  readonly link: RedisLink;
  readonly rule: SharedRule;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly probeMs: number;
}

/**
 * Looks whether Redis is there again: with one command at a time, less and less often, and with none
 * while the client has no connection, since it would keep them all for later. The command takes one
 * unit of a limit that nobody else uses, beside the key that has failed: it has to be able to write.
 */
export class AwayProbe {
  private readonly settings: ProbeSettings;
  private readonly found: () => void;
  private key = '';
  private delayMs = firstMs;
  private timer: ClockTimer | undefined = undefined;
  private dueAt = 0;
  /** When the command was sent that has no answer yet. */
  private sentAt: number | undefined = undefined;
  private round = 0;

  constructor(settings: ProbeSettings, found: () => void) {
    this.settings = settings;
    this.found = found;
  }

  start(failedKey: string): void {
    this.key = `${failedKey}:probe`;
    this.delayMs = Math.min(firstMs, this.settings.probeMs);
    this.arm();
  }

  stop(): void {
    this.round++;
    this.timer?.cancel();
  }

  nextMs(now: number): number {
    return Math.max(1, this.dueAt - now);
  }

  private arm(): void {
    const { clock, probeMs } = this.settings;
    const { delayMs } = this;
    this.dueAt = clock.now() + delayMs;
    this.delayMs = Math.min(probeMs, delayMs * 2);
    this.timer?.cancel();
    this.timer = clock.setTimeout(() => this.look(), delayMs);
    this.timer.unref();
  }

  private look(): void {
    const { link, clock } = this.settings;
    const now = clock.now();
    this.arm();
    if (!link.isReady()) this.sentAt = undefined;
    else if (this.sentAt === undefined || now - this.sentAt > patienceMs) this.send(now);
  }

  private send(now: number): void {
    const { link, rule, clock, timeoutMs } = this.settings;
    const question = { ...lookOnly, want: 1 };
    const { round } = this;
    this.sentAt = now;
    const ended = (): boolean => {
      const isPresent = round === this.round && this.sentAt === now;
      if (isPresent) this.sentAt = undefined;
      return isPresent;
    };
    rule.script.run(link, this.key, [...rule.args, ...argsOf(question)]).then(
      () => {
        if (!ended()) return;
        if (clock.now() - now <= timeoutMs) {
          this.stop();
          this.found();
        } else this.sayThere();
      },
      () => void ended(),
    );
  }

  /** It has answered, though late: it may have been asleep. */
  private sayThere(): void {
    this.delayMs = 0;
    this.arm();
    this.delayMs = firstMs;
  }
}
