/** Gives one thing after the other, and begins anew after the last. */
export function inTurn<T>(things: readonly [T, ...T[]]): () => T {
  let next = 0;
  return () => things[next++ % things.length] ?? things[0];
}
