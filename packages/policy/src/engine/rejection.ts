/**
 * What a promise is resolved with in order to reject. To throw in a reaction, or to reject a promise
 * before anybody has had a chance to listen, costs more than all else in a failing call: the engine
 * looks for the place of the `throw`, and reports a rejection that nobody handles, to take it back at
 * once. A promise that is resolved with this one rejects a microtask later, by a plain call.
 */
export class Rejection {
  declare private readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- to be resolved with is what it is for
  then(_: unknown, reject: (error: unknown) => void): void {
    reject(this.error);
  }
}
