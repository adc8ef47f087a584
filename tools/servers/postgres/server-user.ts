import { readFileSync } from 'node:fs';

/** A user of the system. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whom to run PostgreSQL as, which refuses root: the user that its package has made, or nobody; and
 * `undefined`, ourselves, where we are not root.
 */
export function serverUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8');
  const user = findUser(users, 'postgres') ?? findUser(users, 'nobody');
  if (user === undefined)
    throw new Error('PostgreSQL refuses root, and there is no user "postgres"');
  return user;
}

/** Finds a user in the text of `/etc/passwd`. */
export function findUser(passwd: string, name: string): SystemUser | undefined {
  const line = passwd.split('\n').find((one) => one.startsWith(`${name}:`));
  if (line === undefined) return undefined;
  const [, , uid, gid] = line.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}
