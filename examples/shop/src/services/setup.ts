import { z } from 'zod';
import type { SideName } from '../sides.ts';

/** What a service is told when it is started: one JSON argument. */
export interface ServiceSetup {
  readonly service: string;
  /** What this process is called: two may run the same service, on the same data. */
  readonly name: string;
  /** 0 for any free port. */
  readonly port: number;
  /** The side that it belongs to: whether it guards its calls by policies. */
  readonly mode: SideName;
  /** The folder for its own data. */
  readonly dataDir: string;
  /** The file that its policies come from, if it has any. */
  readonly policiesFile: string;
  readonly seed: number;
  /** The addresses of the processes that it may call, by name. */
  readonly peers: Readonly<Record<string, string>>;
}

export const serviceSetup: z.ZodType<ServiceSetup> = z.object({
  service: z.string(),
  name: z.string(),
  port: z.int(),
  mode: z.enum(['plain', 'resilient']),
  dataDir: z.string(),
  policiesFile: z.string(),
  seed: z.int(),
  peers: z.record(z.string(), z.string()),
});

/** What a service tells the process that started it. */
export type ServiceReport =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'failed'; readonly message: string };

export const serviceReport: z.ZodType<ServiceReport> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('listening'), port: z.int() }),
  z.object({ type: z.literal('failed'), message: z.string() }),
]);
