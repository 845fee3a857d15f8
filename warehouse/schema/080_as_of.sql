-- A kept release as it was: views over the current rows and the superseded ones, of whichever release a session asks
-- for. The history they read is the inspector's alone, and so are they.
set role motcua_owner;

create or replace function release.asked_for() returns bigint
language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
-- Views ask it once a statement. A release that was refused never had rows, and one that is cleaned has them no more:
-- what would be read is something else, so it is not read.
declare
    asked bigint := nullif(current_setting('motcua.release', true), '')::bigint;
begin
    if asked is null then
        raise exception 'no release was asked for' using errcode = 'no_data_found', hint = 'select release.read_as_of(1)';
    end if;
    if not exists (select from release.release as r where r.release_id = asked and r.verdict = 'pass') then
        raise exception 'release % does not exist or was refused', asked using errcode = 'no_data_found';
    end if;
    perform release.refuse_if_cleaned(asked);
    return asked;
end
$$;

create or replace function release.read_as_of(wanted bigint) returns bigint
language plpgsql set search_path = pg_catalog, pg_temp as $$
-- From here on marts_as_of holds that release, in this session.
begin
    perform set_config('motcua.release', wanted::text, false);
    return release.asked_for();
end
$$;

create or replace function release.show_as_of(mart text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
-- Makes the view of a published table, or adds the columns that came to it. With its reader's rights.
declare
    listed text;
begin
    select string_agg(quote_ident(attname), ', ' order by attnum) into listed
    from pg_attribute
    where attrelid = to_regclass(format('marts.%I', mart)) and attnum > 0 and not attisdropped;
    execute format(
        'create or replace view marts_as_of.%1$I with (security_invoker = true) as '
        'select %2$s from marts.%1$I where release_from <= (select release.asked_for()) union all '
        'select %2$s from history.%1$I '
        'where release_from <= (select release.asked_for()) and release_to > (select release.asked_for())',
        mart, listed
    );
    execute format('grant select on marts_as_of.%I to motcua_inspector', mart);
end
$$;

do $$
declare
    mart text;
begin
    for mart in select tablename from pg_catalog.pg_tables where schemaname = 'history' loop
        perform release.show_as_of(mart);
    end loop;
    revoke all on all functions in schema release from public;
    grant execute on function release.asked_for(), release.read_as_of(bigint) to motcua_inspector;
end
$$;
reset role;
