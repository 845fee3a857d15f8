-- What a release can be proved by to somebody who has no access to this database: signed manifests, each naming the one
-- before by its hash, and which program a run was of. Rows here are only ever added.
set role motcua_owner;

create table if not exists audit.run_program (
    run_id uuid primary key references audit.run,
    program jsonb not null,
    server text not null default current_setting('server_version'),
    noted_at timestamptz not null default clock_timestamp()
);
comment on table audit.run_program is
'The program that built the models in a run: its version and commit, the lock file, the dbt project, the tools.';

create table if not exists release.manifest (
    release_id bigint primary key,
    verdict text not null default 'pass' check (verdict = 'pass'),
    envelope text not null,
    sha256 text not null check (sha256 = encode(sha256(convert_to(envelope, 'UTF8')), 'hex')),
    previous_release bigint check (previous_release < release_id),
    previous_sha256 text,
    made_at timestamptz not null default clock_timestamp(),
    made_by text not null default session_user,
    unique (release_id, sha256),
    foreign key (release_id, verdict) references release.release (release_id, verdict),
    constraint chain_has_no_hole foreign key (previous_release, previous_sha256)
    references release.manifest (release_id, sha256) match full
);
comment on table release.manifest is
'The signed manifest of each release that somebody made evidence of, and of every one that passed before it.';
comment on column release.manifest.envelope is
'The file as it stands in a pack: a DSSE envelope around an in-toto statement.';

create or replace trigger rows_are_evidence before update or delete or truncate on audit.run_program
for each statement execute function release.refuse_change();
create or replace trigger rows_are_evidence before update or delete or truncate on release.manifest
for each statement execute function release.refuse_change();

create or replace function release.keep_manifest(told_of bigint, signed text) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
-- Keeps the manifest of a release, and gives the one that stands: made twice at one moment, the first one counts.
-- The signature is not looked at (there is no key here), but what is signed must be of this release and name the
-- manifest of the one that passed before it.
declare
    standing text;
    predicate jsonb;
    before bigint;
begin
    perform pg_advisory_xact_lock(hashtextextended('motcua.publish', 0));
    select kept.envelope into standing from release.manifest as kept where kept.release_id = told_of;
    if standing is not null then
        return standing;
    end if;
    predicate := convert_from(decode(signed::jsonb ->> 'payload', 'base64'), 'UTF8')::jsonb -> 'predicate';
    select max(r.release_id) into before
    from release.release as r where r.verdict = 'pass' and r.release_id < told_of;
    if (predicate #>> '{release,id}')::bigint is distinct from told_of
        or (predicate #>> '{previous,release}')::bigint is distinct from before
    then
        raise exception 'this is no manifest of release % after release %', told_of, before
        using errcode = 'integrity_constraint_violation';
    end if;
    insert into release.manifest (release_id, envelope, sha256, previous_release, previous_sha256)
    values (
        told_of, signed, encode(sha256(convert_to(signed, 'UTF8')), 'hex'), before, predicate #>> '{previous,sha256}'
    );
    return signed;
end
$$;

do $$
begin
    revoke execute on function release.keep_manifest(bigint, text) from public;
    grant execute on function release.keep_manifest(bigint, text) to motcua_publisher;
    grant insert on audit.run_program to motcua_loader;
    grant select on audit.run_program, release.manifest
    to motcua_loader, motcua_transformer, motcua_checker, motcua_publisher, motcua_inspector;
end
$$;
reset role;
