/**
 * Milliseconds since 1970 by the clock of the process, which is monotonic: it does not follow when
 * the time of the machine is set while the process runs.
 */
export function processEpochMs(): number {
  return performance.timeOrigin + performance.now();
}
