-- Checks, seals, releases, the pointer. Rows here are only ever added; the pointer is one row that moves.
set role motcua_owner;

create table if not exists release.required_check (
    name text primary key,
    reason text not null
);
create table if not exists release.check_result (
    run_id uuid not null references audit.run,
    name text not null,
    succeeded boolean not null,
    message text not null,
    observed jsonb not null,
    checked_at timestamptz not null default clock_timestamp(),
    primary key (run_id, name)
);
create table if not exists release.mart (
    name text primary key,
    key_columns text[] not null,
    columns text[] not null
);
comment on table release.mart is 'The tables a release consists of, as the dbt manifest declares them.';
create table if not exists release.seal (
    run_id uuid primary key references audit.run,
    content jsonb not null,
    sealed_at timestamptz not null default clock_timestamp()
);
comment on table release.seal is
'What the candidates held when the checks began: for each table its columns, rows and hash.';
create table if not exists release.release (
    release_id bigint generated always as identity primary key,
    run_id uuid not null references audit.run,
    kind text not null check (kind in ('publish', 'rollback')),
    restores bigint references release.release,
    verdict text not null check (verdict in ('pass', 'fail')),
    reasons text[] not null,
    content jsonb not null,
    content_sha256 text not null,
    created_at timestamptz not null default clock_timestamp(),
    created_by text not null default session_user,
    unique (release_id, verdict),
    constraint rollback_names_its_target check ((kind = 'rollback') = (restores is not null)),
    constraint failure_says_why check ((verdict = 'fail') = (cardinality(reasons) > 0))
);
-- Added later: rollbacks before this have no reason on record.
alter table release.release add column if not exists because text;
alter table release.release add column if not exists asked_by text;
alter table release.release drop constraint if exists rollback_says_why;
alter table release.release add constraint rollback_says_why check (
    kind <> 'rollback' or (coalesce(btrim(because), '') <> '' and coalesce(btrim(asked_by), '') <> '')
) not valid;
comment on column release.release.because is 'Why it was rolled back to; null for what a run published.';
comment on column release.release.asked_by is
'The person who rolled back, as the program was told; created_by is the login.';
create table if not exists release.pointer (
    only_row boolean primary key default true check (only_row),
    release_id bigint not null,
    verdict text not null check (verdict = 'pass'),
    foreign key (release_id, verdict) references release.release (release_id, verdict)
);
comment on table release.pointer is
'The published release. The key and the check together let it name nothing but a release whose verdict is pass.';

create or replace function release.refuse_change() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    raise exception '% of %.% is refused: its rows are evidence and are only ever added',
    tg_op, tg_table_schema, tg_table_name
    using errcode = 'insufficient_privilege';
end
$$;
do $$
declare
    kept text;
begin
    foreach kept in array array['release', 'check_result', 'seal'] loop
        execute format(
            'create or replace trigger rows_are_evidence before update or delete or truncate on release.%I '
            'for each statement execute function release.refuse_change()', kept
        );
    end loop;
    create or replace trigger pointer_is_never_removed before delete or truncate on release.pointer
    for each statement execute function release.refuse_change();
end
$$;

grant select on
release.required_check, release.check_result, release.mart, release.seal, release.release, release.pointer
to motcua_loader, motcua_transformer, motcua_checker, motcua_publisher, motcua_inspector;
grant insert on release.check_result to motcua_checker;
reset role;
