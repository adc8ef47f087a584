import fc from 'fast-check';

/** A question, as the arguments of a script, that comes some time after the one before. */
export interface Asked {
  readonly pauseMs: number;
  readonly need: number;
  readonly want: number;
  readonly extra: number;
  readonly holdMs: number;
  readonly ahead: number;
  readonly lateMs: number;
  readonly longestMs: number;
  /** Which part of what is granted goes; the rest comes back. */
  readonly usedPart: number;
  /** Whether it goes at the first or at the last moment at which it may. */
  readonly goesLate: boolean;
  /** How many units have gone without Redis, which it is told now. */
  readonly gone: number;
  /** How many questions later the rest comes back. */
  readonly returnsAfter: number;
}

/** Questions of all kinds, for a limit of which so much may go at one moment. */
export function questions(capacity: number): fc.Arbitrary<Asked[]> {
  const units = fc.integer({ min: 1, max: Math.max(1, Math.floor(capacity / 3)) });
  const one = fc
    .record({
      pauseMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 80 }), fc.nat({ max: 1_500 })),
      need: units,
      more: fc.nat({ max: capacity }),
      looks: fc.boolean(),
      extra: fc.oneof(fc.constant(0), fc.nat({ max: capacity })),
      holdMs: fc.constantFrom(0, 10, 50, 100),
      ahead: fc.oneof(fc.constant(0), units),
      lateMs: fc.constantFrom(0, 20),
      longestMs: fc.constantFrom(30, 500, 1_000_000),
      usedPart: fc.constantFrom(0, 0.5, 1, 1),
      goesLate: fc.boolean(),
      gone: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat({ max: capacity })),
      returnsAfter: fc.integer({ min: 1, max: 5 }),
    })
    .map(({ more, looks, ...asked }) => ({
      ...asked,
      want: looks && more % 4 === 0 ? 0 : asked.need + more,
      ahead: asked.ahead === 0 ? 0 : Math.max(asked.need, asked.ahead),
    }));
  return fc.array(one, { minLength: 1, maxLength: 40 });
}

/** The arguments of the script after those of the rule. */
export function argsOf(asked: Asked, returns: readonly (readonly [number, string])[]): string[] {
  const { need, want, extra, holdMs, ahead, lateMs, longestMs } = asked;
  const numbers = [holdMs * 1_000, need, want, extra, ahead, lateMs * 1_000, longestMs * 1_000];
  const gone = asked.gone > 0 ? [asked.gone, '+'] : [];
  return [...numbers, ...gone, ...returns.flat()].map(String);
}

/** What a script has answered. */
export interface Told {
  readonly granted: number;
  readonly waitMs: number;
  readonly retryMs: number;
  readonly remaining: number;
  readonly resetMs: number;
  readonly mark: string;
  readonly extra: number;
  readonly extraMark: string;
}

export function toldBy(text: string): Told {
  const [granted, wait, retry, remaining, reset, mark = '', extra, extraMark = ''] =
    text.split(' ');
  return {
    granted: Number(granted),
    waitMs: Number(wait) / 1_000,
    retryMs: Number(retry) / 1_000,
    remaining: Number(remaining),
    resetMs: Number(reset) / 1_000,
    mark,
    extra: Number(extra),
    extraMark,
  };
}
