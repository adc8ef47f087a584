import { accessSync, constants, globSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Finds a program in the PATH, and where Debian puts what is for administrators. */
export function findProgram(name: string): string | undefined {
  const path = process.env['PATH'] ?? '';
  const folders = [...path.split(delimiter), '/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin'];
  return folders.map((folder) => join(folder, name)).find((file) => isProgram(file));
}

/** Finds a program in folders that a pattern names, the newest version first. */
export function findNewest(pattern: string): string | undefined {
  const files = globSync(pattern).filter((file) => isProgram(file));
  return files.toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }))[0];
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
