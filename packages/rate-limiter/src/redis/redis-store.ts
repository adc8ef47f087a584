import type { Clock, ClockTimer } from '@holdfast/policy';
import { AwayProbe } from './away-probe.ts';
import { type Answer, answerOf, argsOf, type Question } from './question.ts';
import type { RedisLink } from './redis-client.ts';
import type { SharedRule } from './shared-rule.ts';

/** Who asks. */
export interface Asker {
  readonly redisKey: string;
  /** Redis has answered in time; it was asked at `askedAt`. */
  answered(answer: Answer, question: Question, askedAt: number): void;
  /** Redis has not, and is away. */
  unanswered(question: Question): void;
  /** Redis has answered when nobody waited any more. */
  answeredLate(answer: Answer): void;
}

/** Who wants to know whether Redis is there. */
export interface StoreOwner {
  wentAway(cause: unknown): void;
  cameBack(awayMs: number): void;
}

/** How a {@link RedisStore} is set up. */
export interface StoreSettings {
  readonly link: RedisLink;
  readonly rule: SharedRule;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly probeMs: number;
}

/** One question that is under way. */
class Exchange {
  private timer: ClockTimer | undefined;
  private isOver = false;
  private hasGrace = true;
  private readonly store: RedisStore;
  private readonly asker: Asker;
  private readonly question: Question;
  private readonly askedAt: number;

  constructor(store: RedisStore, asker: Asker, question: Question) {
    this.store = store;
    this.asker = asker;
    this.question = question;
    this.askedAt = store.clock.now();
    this.arm(store.timeoutMs);
  }

  private arm(delayMs: number): void {
    this.timer = this.store.clock.setTimeout(() => this.expired(), delayMs);
    // Whoever waits for the answer has a connection that keeps the process alive.
    this.timer.unref();
  }

  /** After a long turn the answer may be there, unread: timers come before what has arrived. */
  private expired(): void {
    if (this.hasGrace) {
      this.hasGrace = false;
      this.arm(0);
      return;
    }
    const { timeoutMs } = this.store;
    this.end();
    this.store.goAway(new Error(`Redis has not answered within ${timeoutMs} ms.`), this.asker);
    this.asker.unanswered(this.question);
  }

  private end(): void {
    this.isOver = true;
    this.timer?.cancel();
  }

  answered(text: string): void {
    let answer: Answer;
    try {
      answer = answerOf(text);
    } catch (error) {
      this.failed(error);
      return;
    }
    if (this.isOver) {
      this.asker.answeredLate(answer);
      return;
    }
    this.end();
    this.asker.answered(answer, this.question, this.askedAt);
  }

  failed(error: unknown): void {
    if (this.isOver) return;
    this.end();
    this.store.goAway(error, this.asker);
    this.asker.unanswered(this.question);
  }
}

/** Redis, as it is now: there, or away. */
export class RedisStore {
  isAway = false;
  /** When it went away last. */
  awaySince: number = Number.NEGATIVE_INFINITY;
  readonly clock: Clock;
  readonly timeoutMs: number;
  private readonly settings: StoreSettings;
  private readonly owner: StoreOwner;
  private readonly probe: AwayProbe;
  /** What is not connected at first may be about to: the client makes the first commands wait. */
  private hasAnswered = false;

  constructor(settings: StoreSettings, owner: StoreOwner) {
    this.settings = settings;
    this.owner = owner;
    this.clock = settings.clock;
    this.timeoutMs = settings.timeoutMs;
    this.probe = new AwayProbe(settings, () => this.comeBack());
  }

  /** After how many milliseconds somebody looks whether Redis is there again. */
  nextProbeMs(now: number): number {
    return this.probe.nextMs(now);
  }

  /** Asks; never more than one question for a key at a time. */
  ask(asker: Asker, question: Question): void {
    const { link, rule } = this.settings;
    if (this.hasAnswered && !link.isReady()) {
      this.goAway(new Error('The client has no connection to Redis.'), asker);
      asker.unanswered(question);
      return;
    }
    const exchange = new Exchange(this, asker, question);
    rule.script.run(link, asker.redisKey, [...rule.args, ...argsOf(question)]).then(
      (text) => {
        this.hasAnswered = true;
        exchange.answered(text);
      },
      (error: unknown) => exchange.failed(error),
    );
  }

  goAway(cause: unknown, { redisKey }: Asker): void {
    if (this.isAway) return;
    this.isAway = true;
    this.awaySince = this.clock.now();
    this.probe.start(redisKey);
    this.owner.wentAway(cause);
  }

  private comeBack(): void {
    this.isAway = false;
    this.hasAnswered = true;
    this.owner.cameBack(this.clock.now() - this.awaySince);
  }

  /** Looks for Redis no more; if it is away it stays so. */
  close(): void {
    this.probe.stop();
  }
}
