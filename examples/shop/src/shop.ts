import process from 'node:process';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PoliciesFile } from './operator/policies-file.ts';
import type { ServiceError } from './processes/service-process.ts';
import { Side } from './processes/side.ts';
import { bySide, type BySide, sideNames } from './sides.ts';

/** Both sides, and the folder with the data of all their services. */
export class Shop {
  readonly sides: BySide<Side>;
  /** What the side with policies follows; the other one has none. */
  readonly policies: PoliciesFile;
  private readonly dataDir: string;

  private constructor(dataDir: string, policies: PoliciesFile, sides: BySide<Side>) {
    this.dataDir = dataDir;
    this.policies = policies;
    this.sides = sides;
  }

  /** Makes a shop that has not been started yet. */
  static async make(options: {
    readonly seed: number;
    readonly onCrash: (error: ServiceError) => void;
  }): Promise<Shop> {
    const dataDir = await mkdtemp(join(tmpdir(), 'holdfast-shop-'));
    // However this process ends, it leaves nothing behind.
    process.once('exit', () => rmSync(dataDir, { recursive: true, force: true }));
    const policies = await PoliciesFile.copyTo(dataDir);
    const policiesFile = policies.path;
    return new Shop(
      dataDir,
      policies,
      bySide((name) => new Side({ ...options, name, dataDir, policiesFile })),
    );
  }

  async start(): Promise<void> {
    await this.onBoth((side) => side.start());
  }

  /** Does the same to both sides at the same instant. */
  async onBoth(action: (side: Side) => Promise<void>): Promise<void> {
    await Promise.all(sideNames.map((name) => action(this.sides[name])));
  }

  /** Ends every process and removes the data. */
  async close(): Promise<void> {
    await this.onBoth((side) => side.stop());
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
