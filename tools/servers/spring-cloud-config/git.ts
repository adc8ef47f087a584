import { run } from '../src/install/run.ts';

/** Makes a repository with a branch `main` that has one commit, without files. */
export async function makeRepository(folder: string): Promise<void> {
  await git(folder, 'init', '--quiet', '--initial-branch=main');
  await git(folder, 'commit', '--quiet', '--allow-empty', '--message=Begin');
}

/** Commits all that has changed, even if that is nothing, and gives the id of the commit. */
export async function commitAll(folder: string, message: string): Promise<string> {
  await git(folder, 'add', '--all');
  await git(folder, 'commit', '--quiet', '--allow-empty', `--message=${message}`);
  return (await git(folder, 'rev-parse', 'HEAD')).trim();
}

async function git(folder: string, ...args: string[]): Promise<string> {
  const identity = { NAME: 'Holdfast', EMAIL: 'holdfast@localhost' };
  return run({
    command: 'git',
    args,
    cwd: folder,
    env: {
      // Nobody's own settings, and not the repository of a hook that we may run in.
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_DIR: undefined,
      GIT_WORK_TREE: undefined,
      GIT_INDEX_FILE: undefined,
      GIT_AUTHOR_NAME: identity.NAME,
      GIT_AUTHOR_EMAIL: identity.EMAIL,
      GIT_COMMITTER_NAME: identity.NAME,
      GIT_COMMITTER_EMAIL: identity.EMAIL,
    },
  });
}
