import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ServiceSetup } from './setup.ts';

/** Opens the database of a service: a file of its own, which survives the death of the process. */
export function openData({ dataDir, service }: ServiceSetup, schema: string): DatabaseSync {
  const data = new DatabaseSync(join(dataDir, `${service}.db`));
  data.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF');
  data.exec(schema);
  return data;
}
