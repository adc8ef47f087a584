import { existsSync } from 'node:fs';
import { startServer } from '@holdfast-tools/servers';
import { describeWithServers, useServer } from '@holdfast-tools/servers/vitest';
import { expect, test } from 'vitest';
import { descendantsOf, listProcesses } from '../../src/process-tree.ts';

describeWithServers(['postgres'], 'PostgreSQL', () => {
  const postgres = useServer('postgres');

  test('takes statements and has a connection string', async () => {
    expect(await postgres.query('select 1 + 1, true')).toBe('2|t');
    expect(postgres.connectionString).toBe(`postgres://postgres@${postgres.address}/postgres`);
  });

  test('keeps what was committed over a crash', async () => {
    await postgres.query('create table log (line int); insert into log values (1), (2)');
    await postgres.kill();
    expect(postgres.state).toBe('down');
    await postgres.restart();
    expect(await postgres.query('select line from log order by line')).toBe('1\n2');
  });

  test('keeps it over a stop and a start as well', async () => {
    await postgres.query('create table log (line int); insert into log values (1)');
    await postgres.stop();
    await postgres.restart();
    expect(await postgres.query('select line from log')).toBe('1');
    expect(postgres.logs()).toContain('received fast shutdown request');
  });

  test('has neither tables, databases nor roles of others after a reset', async () => {
    const { pid } = postgres;
    await postgres.query('create table log (line int); create role guest; create database other');
    await postgres.reset();
    const left =
      "select count(*) from pg_class where relname = 'log' union all " +
      "select count(*) from pg_roles where rolname = 'guest' union all " +
      "select count(*) from pg_database where datname = 'other'";
    expect(await postgres.query(left)).toBe('0\n0\n0');
    expect(postgres.pid).toBe(pid);
  });

  test('resets although a transaction is open', async () => {
    await postgres.query('create table log (line int)');
    const open = postgres.query('begin; lock table log; select pg_sleep(60)').catch(String);
    await expect
      .poll(() =>
        postgres.query("select count(*) from pg_locks where mode = 'AccessExclusiveLock'"),
      )
      .toBe('1');
    await postgres.reset();
    expect(await open).toMatch(/terminat|closed/);
  });

  test('stands still while it is frozen, processes of open connections included', async () => {
    const open = postgres.query('select pg_sleep(1); select 1');
    const isOpen = "select count(*) from pg_stat_activity where query like 'select pg_sleep%'";
    await expect.poll(() => postgres.query(isOpen)).toBe('1');
    await postgres.freeze();
    const tree = [postgres.pid ?? 0, ...descendantsOf(postgres.pid ?? 0)];
    const states = listProcesses().filter(({ pid }) => tree.includes(pid));
    expect(states.length).toBeGreaterThan(5);
    expect(states.filter(({ isStopped }) => !isStopped)).toEqual([]);
    await postgres.thaw();
    expect(await open).toBe('\n1');
  });

  test('takes settings, and runs beside another one', async () => {
    await using other = await startServer('postgres', { settings: { max_connections: '17' } });
    expect(await other.query('show max_connections')).toBe('17');
    expect(await postgres.query('show max_connections')).toBe('100');
  });

  test('leaves neither a process nor a folder', async () => {
    const own = await startServer('postgres');
    const { pid = 0, folder } = own;
    await own[Symbol.asyncDispose]();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(existsSync(folder)).toBe(false);
  });

  test('shows what it has written when it does not start', async () => {
    await expect(startServer('postgres', { settings: { nonsense: 'yes' } })).rejects.toThrow(
      /postgres ended before it was ready[\s\S]*unrecognized configuration parameter "nonsense"/,
    );
  });
});
