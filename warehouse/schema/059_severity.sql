-- How much a check weighs that is not green, and a person's word on one that may be borne. `fail` refuses the run and
-- nobody can override it; `hold` refuses it until somebody does; `warn` holds nothing back and marks the release.
-- A check that crashed or never ran is a failure, whatever it weighs.
set role motcua_owner;

alter table release.required_check add column if not exists severity text not null default 'fail'
check (severity in ('fail', 'hold', 'warn'));
alter table release.check_result add column if not exists severity text not null default 'fail'
check (severity in ('fail', 'hold', 'warn'));
alter table release.check_result add column if not exists ran boolean not null default true
check (ran or not succeeded);
alter table release.release add column if not exists warnings text[] not null default '{}';
comment on column release.check_result.severity is
'What the check weighed when it was heard. Set by the database from required_check, whatever the writer says.';
comment on column release.check_result.ran is
'False when the check crashed: then nobody knows what it would have said.';
comment on column release.release.warnings is 'What was not green and was borne: warnings, and what somebody overrode.';
create unique index if not exists check_result_can_be_borne
on release.check_result (run_id, name, severity, succeeded, ran);

create or replace function release.note_severity() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    new.severity := coalesce(
        (select required.severity from release.required_check as required where required.name = new.name), 'fail'
    );
    return new;
end
$$;
create or replace trigger severity_is_the_databases before insert on release.check_result
for each row execute function release.note_severity();

create table if not exists release.check_override (
    run_id uuid not null,
    name text not null,
    severity text not null check (severity in ('hold', 'warn')),
    succeeded boolean not null default false check (not succeeded),
    ran boolean not null default true check (ran),
    because text not null check (btrim(because) <> ''),
    made_for text not null check (btrim(made_for) <> ''),
    made_by text not null default session_user,
    made_at timestamptz not null default clock_timestamp(),
    primary key (run_id, name),
    foreign key (run_id, name, severity, succeeded, ran)
    references release.check_result (run_id, name, severity, succeeded, ran)
);
comment on table release.check_override is
'Who bore with a check that was not green, and why. The key lets it name none that fails a run. Rows are only added.';
comment on column release.check_override.made_for is 'The person, as the program was told; made_by is the login.';

create or replace trigger rows_are_evidence before update or delete or truncate on release.check_override
for each statement execute function release.refuse_change();

create or replace function release.words_on(judged uuid)
returns table (name text, message text, heard boolean, weighs text, overridden text)
language sql stable set search_path = pg_catalog, pg_temp as $$
-- Every required check that is not green in a run. It weighs what it weighed when it was heard or what it weighs today,
-- whichever is more; `overridden` says by whom and why.
    select
        required.name,
        coalesce(result.message, 'did not run'),
        coalesce(result.ran, false),
        case
            when not coalesce(result.ran, false) or 'fail' in (required.severity, result.severity) then 'fail'
            when 'hold' in (required.severity, result.severity) then 'hold'
            else 'warn'
        end,
        borne.made_for || ': ' || borne.because
    from release.required_check as required
    left join release.check_result as result on result.name = required.name and result.run_id = judged
    left join release.check_override as borne on borne.name = required.name and borne.run_id = judged
    where result.succeeded is not true
$$;

create or replace function release.warnings_of(judged uuid) returns text[]
language sql stable set search_path = pg_catalog, pg_temp as $$
    select coalesce(array_agg(warning order by warning collate "C"), '{}') from (
        select name || ': ' || message || coalesce(' (overridden by ' || overridden || ')', '') as warning
        from release.words_on(judged)
        where weighs = 'warn' or (weighs = 'hold' and overridden is not null)
    ) as found
$$;

create or replace function release.override_check(judged uuid, check_name text, why text, person text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    word record;
begin
    select result.severity, result.succeeded into word
    from release.check_result as result where result.run_id = judged and result.name = check_name;
    if not found then
        raise exception 'run % has no result of a check named %', judged, check_name using errcode = 'no_data_found';
    end if;
    if word.succeeded then
        raise exception '% is green in run %', check_name, judged using errcode = 'no_data_found';
    end if;
    if
        word.severity = 'fail'
        or exists (select from release.words_on(judged) as said where said.name = check_name and said.weighs = 'fail')
    then
        raise exception '% fails run %: a failure cannot be overridden', check_name, judged
        using errcode = 'insufficient_privilege';
    end if;
    insert into release.check_override (run_id, name, severity, because, made_for)
    values (judged, check_name, word.severity, why, person);
end
$$;

do $$
begin
    revoke execute on function
    release.words_on(uuid), release.warnings_of(uuid), release.override_check(uuid, text, text, text) from public;
    grant execute on function release.override_check(uuid, text, text, text), release.words_on(uuid) to motcua_publisher;
    grant select on release.check_override
    to motcua_loader, motcua_transformer, motcua_checker, motcua_publisher, motcua_inspector;
end
$$;
reset role;
