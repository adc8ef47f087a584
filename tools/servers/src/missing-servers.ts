import { installCommand } from './errors.ts';

/** What becomes of tests: they run, are skipped with a note, or fail with it. */
export type Verdict =
  | { readonly action: 'run' }
  | { readonly action: 'skip' | 'fail'; readonly note: string };

/**
 * Decides what becomes of tests whose servers are missing: on somebody's machine they are skipped, in
 * CI (`CI` is set, and not to `false` or `0`) they fail, since nobody reads there what was skipped.
 */
export function judge(missing: readonly string[], ci: string | undefined): Verdict {
  if (missing.length === 0) return { action: 'run' };
  const isCi = ci !== undefined && !['', '0', 'false'].includes(ci);
  const note = `not installed here: ${missing.join(', ')}; ${installCommand(missing)}`;
  return { action: isCi ? 'fail' : 'skip', note };
}
