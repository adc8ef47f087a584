/**
 * The generator sfc32 (Chris Doty-Humphrey, PractRand, public domain), begun with the two words of the
 * seed and the number of the stream, and warmed up by fifteen rounds. Streams of one seed have nothing
 * to do with one another, so that one more draw in one of them shifts no other.
 */
export function seededStream(seed: number, stream: number): () => number {
  let a = stream;
  let b = seed | 0;
  let c = Math.floor(seed / 2 ** 32) | 0;
  let counter = 1;

  function next(): number {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    return (result >>> 0) / 2 ** 32;
  }

  for (let round = 0; round < 15; round++) next();
  return next;
}

/** A seed for whoever has not chosen one. */
export function freshSeed(): number {
  return Math.floor(Math.random() * 2 ** 32);
}
