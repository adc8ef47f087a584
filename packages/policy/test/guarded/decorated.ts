import { definePolicy, guarded, noop, type Policy } from '@holdfast/policy';

export const calls: string[] = [];

const noted: Policy = definePolicy('noted', (next) => {
  calls.push('noted');
  return next();
});
const twice: Policy = definePolicy('twice', async (next) => {
  await next();
  return next();
});

/** Methods of each kind, decorated. Node cannot run it as it is: the test compiles it. */
export class Stock {
  readonly pieces: number;

  constructor(pieces: number) {
    this.pieces = pieces;
  }

  @guarded(noted)
  async read(sku: string, shelf: number = 1): Promise<string> {
    calls.push('read');
    return `${sku} on ${shelf}: ${this.pieces}`;
  }

  @guarded(noop)
  async fail(error: Error): Promise<never> {
    throw error;
  }

  @guarded(twice)
  async count(): Promise<number> {
    return calls.push('count');
  }

  @guarded(noted)
  @guarded(noted)
  async [Symbol.asyncDispose](): Promise<number> {
    return this.pieces;
  }

  @guarded(noted)
  async #secret(): Promise<number> {
    return this.pieces * 2;
  }

  readSecret(): Promise<number> {
    return this.#secret();
  }

  @guarded(noted)
  static async open(pieces: number): Promise<Stock> {
    return new this(pieces);
  }
}

export class Shop extends Stock {
  override read(sku: string): Promise<string> {
    return super.read(`shop ${sku}`, 7);
  }
}
