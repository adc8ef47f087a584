/**
 * For `psql` in the database `template1`: makes a server as it was at first. Each first statement
 * gives statements, which `\gexec` runs.
 */
export const emptySql = `
select format('drop database %I with (force)', datname)
  from pg_database where not datistemplate \\gexec
select format('drop role %I', rolname)
  from pg_roles where rolname <> 'postgres' and rolname not like 'pg\\_%' \\gexec
create database postgres;
`;
