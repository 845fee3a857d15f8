-- Builds of the models: what each was made of, so that the next one may go on from it instead of beginning anew.
set role motcua_owner;

create table if not exists audit.build (
    build_id bigint generated always as identity primary key,
    run_id uuid not null references audit.run,
    -- What a build must have in common with the one before to go on from it.
    basis text not null,
    standing text not null,
    upto_delivery bigint not null,
    as_whole boolean not null,
    because text,
    started_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz,
    ended_in xid8,
    tables jsonb,
    constraint whole_says_why check (as_whole = (because is not null))
);
-- Databases of an earlier version have the table without it.
alter table audit.build add column if not exists inputs jsonb;
alter table audit.build add column if not exists dbt jsonb;
comment on table audit.build is
'Each time the models were built: whole and why, or only what deliveries since the last build touched.';
comment on column audit.build.basis is
'SHA-256 over the models, the deployment but for its as-of instants, and the whole lists they read.';
comment on column audit.build.standing is 'SHA-256 over the deliveries that stood, up to upto_delivery.';
comment on column audit.build.ended_in is
'The transaction that noted its end: what is younger in its tables was not written by it.';
comment on column audit.build.tables is 'Its tables and the rows in each, as it left them.';
comment on column audit.build.inputs is
'What it read: the SHA-256 of each small table, and of the deliveries of each stream and their order.';
comment on column audit.build.dbt is
'Which invocation of dbt made it: invocation_id, version, generated_at. Null where there was nothing to make.';
comment on column audit.build.ended_at is 'Null where a model or a test failed, or the program ended.';

create table if not exists audit.build_as_of (
    build_id bigint not null references audit.build,
    jurisdiction text not null,
    as_of timestamptz not null,
    primary key (build_id, jurisdiction)
);
comment on table audit.build_as_of is 'The as-of instant of each jurisdiction in a build.';

create or replace view audit.last_build as
select
    build_id,
    upto_delivery
from audit.build
where ended_at is not null
order by build_id desc
limit 1;
comment on view audit.last_build is 'The build that ended last: what the tables of the transformation hold.';

create or replace view audit.last_build_as_of as
select
    kept.jurisdiction,
    kept.as_of
from audit.build_as_of as kept
inner join audit.last_build as build on build.build_id = kept.build_id;
comment on view audit.last_build_as_of is 'The as-of instants of the build that ended last.';

grant select, insert, update on audit.build to motcua_loader;
grant select, insert on audit.build_as_of to motcua_loader;
grant usage on all sequences in schema audit to motcua_loader;
grant select on audit.build, audit.build_as_of, audit.last_build, audit.last_build_as_of
to motcua_loader, motcua_transformer, motcua_checker, motcua_publisher, motcua_inspector;
reset role;
