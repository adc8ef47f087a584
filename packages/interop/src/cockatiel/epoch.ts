/**
 * Milliseconds since 1970, as cockatiel tells times to other processes: by the clock that only ever
 * grows, so that no count is lost when the time of the machine is set.
 */
export function epochMs(): number {
  return performance.timeOrigin + performance.now();
}
