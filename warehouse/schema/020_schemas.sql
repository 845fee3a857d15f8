-- The rooms of the database, in the direction of flow: raw, staging, intermediate, candidate, marts.
do $$
declare
    wanted text;
begin
    foreach wanted in array array[
        'audit', 'reference', 'raw', 'release', 'noted', 'hashed', 'rehashed', 'marts', 'history', 'marts_as_of'
    ] loop
        execute format('create schema if not exists %I authorization motcua_owner', wanted);
    end loop;
    foreach wanted in array array['staging', 'intermediate', 'candidate'] loop
        execute format('create schema if not exists %I authorization motcua_transformer', wanted);
    end loop;
end
$$;
comment on schema raw is 'Rows as delivered, typed or quarantined. Loader and transformer only.';
comment on schema candidate is 'Marts of the run at work, not yet checked. No reader.';
comment on schema noted is
'Of each published table the keys by which its candidate may differ from it. The owner''s alone.';
comment on schema hashed is
'Of each published table the hashes of its rows, in buckets by their first bits. The owner''s alone.';
comment on schema rehashed is
'Buckets that will be otherwise once the sealed candidates are published. The owner''s alone.';
comment on schema marts is 'The published release: plain tables that hold the current rows.';
comment on schema history is
'Superseded row versions of marts: valid from release_from up to, not including, release_to.';
comment on schema marts_as_of is
'A kept release as it was: select release.read_as_of(N), then these views hold the rows of marts that it held.';
comment on schema audit is 'One row for every attempt, failures included.';
comment on schema release is 'Checks, verdicts, releases and the pointer to the published one.';
comment on schema reference is 'What the deployment configuration says: jurisdictions, policies in use, cut-offs.';

-- The inspector reads in it only the columns that hold pseudonyms (warehouse/migrate.py).
grant usage on schema raw to motcua_loader, motcua_transformer, motcua_inspector;
grant create on schema raw to motcua_loader;
grant usage on schema audit to motcua_loader, motcua_transformer, motcua_checker, motcua_publisher, motcua_inspector;
grant usage on schema reference to motcua_loader, motcua_transformer, motcua_checker, motcua_inspector;
grant usage on schema release to motcua_loader, motcua_transformer, motcua_checker, motcua_publisher, motcua_inspector;
grant usage on schema marts to motcua_transformer, motcua_checker, motcua_inspector, motcua_bi, motcua_bi_unit;
grant usage on schema history, marts_as_of to motcua_inspector;
grant usage on schema candidate, intermediate, staging to motcua_checker;
alter default privileges for role motcua_transformer in schema candidate, intermediate, staging
grant select on tables to motcua_checker;
