const kept: object[] = [];

/**
 * Keeps an object for ever, for the sake of its hidden class. Node forgets a hidden class of which no
 * object is left, and all code with it that was optimized for such objects: whenever a collection of
 * garbage found no call in flight, the next calls would run several times slower. For classes of which
 * an object is made for every call; give it nothing that belongs to a user.
 */
export function keepShape(specimen: object): void {
  kept.push(specimen);
}
