-- Sources that are asked: where each reading stands, and whether each source answered. And what a run was made from.
set role motcua_owner;

create table if not exists audit.position (
    source text not null,
    stream text not null,
    position jsonb not null,
    delivery_id bigint not null references audit.delivery,
    noted_at timestamptz not null default clock_timestamp(),
    primary key (source, stream)
);
comment on table audit.position is
'Where the next reading of a stream goes on, in the reader''s words; moves in the transaction that lands the batch.';

create table if not exists audit.contact (
    contact_id bigint generated always as identity primary key,
    run_id uuid not null references audit.run,
    source text not null,
    stream text not null,
    answered boolean not null,
    problem text,
    at timestamptz not null default clock_timestamp(),
    constraint silence_says_why check (answered or problem is not null)
);
comment on table audit.contact is
'Whether a source answered when a run asked it, stream by stream: how old a release is.';

alter table audit.run add column if not exists inputs text;
alter table audit.run add column if not exists release_id bigint;
comment on column audit.run.inputs is
'SHA-256 over everything the candidates follow from: deliveries that stand, deployment, models, checks.';
comment on column audit.run.release_id is 'The release that stood when the run ended well.';

alter table reference.source add column if not exists maximum_age_hours integer;

grant select, insert, update on audit.position to motcua_loader;
grant select, insert on audit.contact to motcua_loader;
grant usage on all sequences in schema audit to motcua_loader;
grant select on audit.position, audit.contact
to motcua_transformer, motcua_checker, motcua_publisher, motcua_inspector;
reset role;
