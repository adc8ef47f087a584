import { parseArgs } from 'node:util';

/** What the user asked for. */
export interface Flags {
  readonly json: boolean;
  readonly keep: boolean;
  readonly quick: boolean;
  readonly help: boolean;
  readonly seed: number;
  /** Only the phases of these names. */
  readonly only: readonly string[];
}

export const usage = `npm run demo -- [flags]

  --quick         a run of about 45 seconds
  --only <phase>  only this phase; may be given more than once
  --seed <n>      other customers, other luck (a whole number; 1 by default)
  --json          one JSON document on the standard output, and nothing else there
  --keep          leave the shop running afterwards, to play with, and tell of
                  edits of its policies; Ctrl-C ends it
  --help          this text
`;

/** The command line cannot be used. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const options = {
  json: { type: 'boolean', default: false },
  keep: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
  seed: { type: 'string', default: '1' },
  only: { type: 'string', multiple: true, default: [] as string[] },
} as const;

function parse(args: readonly string[]): ReturnType<typeof parseArgs<{ options: typeof options }>> {
  try {
    return parseArgs({ args: [...args], options });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

/**
 * Reads the command line.
 *
 * @throws {@link UsageError} that says what is wrong with it.
 */
export function parseFlags(args: readonly string[], phases: readonly string[]): Flags {
  const { values } = parse(args);
  const { help, json, keep, only, quick } = values;
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(seed)) {
    throw new UsageError(`--seed wants a whole number, not "${values.seed}".`);
  }
  for (const name of only) {
    if (!phases.includes(name)) {
      throw new UsageError(`There is no phase "${name}". The phases are ${phases.join(', ')}.`);
    }
  }
  return { help, json, keep, only, quick, seed };
}
