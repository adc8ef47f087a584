import { expect, test } from 'vitest';
import { findUser } from '../postgres/server-user.ts';

const passwd = `root:x:0:0:root:/root:/bin/bash
postgresql:x:7:7::/:/bin/false
postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash
`;

test('finds a user by its whole name', () => {
  expect(findUser(passwd, 'postgres')).toEqual({ uid: 101, gid: 104 });
});

test('finds no user that is not there', () => {
  expect(findUser(passwd, 'nobody')).toBeUndefined();
});
