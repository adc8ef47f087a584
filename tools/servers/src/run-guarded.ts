import { readFileSync } from 'node:fs';
import { ServerStartError } from './errors.ts';
import { launch, type Launch } from './launch.ts';
import type { Site } from './site.ts';

/**
 * Runs a program that writes into the folder of a server, until it ends. Unlike any other it does not
 * outlive this process, when it could make the folder again that the guard has deleted.
 *
 * @throws {@link ServerStartError} when it fails
 */
export async function runGuarded(what: Launch, site: Site): Promise<void> {
  const { ended } = await launch(what, site.folder, site.logFile);
  const ending = await ended;
  if (ending === 'exit code 0') return;
  throw new ServerStartError(
    what.command,
    `failed (${ending})`,
    readFileSync(site.logFile, 'utf8'),
  );
}
