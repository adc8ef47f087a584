import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The policies that the shop begins with. */
export const initialPolicies: string = fileURLToPath(
  new URL('../../policies.json', import.meta.url),
);

/** Puts values into a copy of a configuration: by path, such as `templates.attempt.afterMs`. */
export type Edit = Readonly<Record<string, unknown>>;

/** Data with other values at some paths; `undefined` takes a name away. */
export function withEdit(data: unknown, edit: Edit): unknown {
  const edited: unknown = structuredClone(data);
  for (const [path, value] of Object.entries(edit)) {
    const names = path.split('.');
    const last = names.pop() as string;
    let place = edited as Record<string, unknown>;
    for (const name of names) place = place[name] as Record<string, unknown>;
    if (value === undefined) delete place[last];
    else place[last] = value;
  }
  return edited;
}

/** The `policies.json` of a run: it may be edited while the shop is open. */
export class PoliciesFile {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Lays a copy of the initial policies into a folder. */
  static async copyTo(folder: string): Promise<PoliciesFile> {
    const file = new PoliciesFile(join(folder, 'policies.json'));
    // In its new place an editor finds the schema by an address only.
    const $schema = import.meta.resolve('@holdfast/config/schema.json');
    await file.edit({ $schema });
    return file;
  }

  /** Edits the initial policies, and saves them as an editor does. */
  async edit(edit: Edit): Promise<void> {
    const initial: unknown = JSON.parse(await readFile(initialPolicies, 'utf8'));
    await this.write(`${JSON.stringify(withEdit(initial, edit), undefined, 2)}\n`);
  }

  read(): Promise<string> {
    return readFile(this.path, 'utf8');
  }

  write(text: string): Promise<void> {
    return writeFile(this.path, text);
  }
}
