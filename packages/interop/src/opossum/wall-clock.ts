/**
 * The time of day, in whole milliseconds since 1970: what crosses processes (`lastTimerAt`) or goes to
 * a cache of the user's is told in it.
 */
export function wallClock(): number {
  return Math.round(performance.timeOrigin + performance.now());
}
