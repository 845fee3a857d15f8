-- Run once, by the image of PostgreSQL when it makes its data: the pipeline's login, which is no superuser, and its database.
-- Belongs here: what only an administrator can do. Does not: roles and schemas of the warehouse (warehouse/schema).

-- A statement that fails is logged with its text, and this one holds a password.
set log_min_error_statement to panic;
\set password `cat /run/secrets/motcua_password`
-- createdb: the demonstration's provincial system is a database of its own.
create role motcua_app login createrole createdb password :'password';
create database motcua owner motcua_app;
revoke all on database motcua from public;
revoke connect on database postgres from public;
