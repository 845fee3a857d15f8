-- Which releases are kept, and cleaning up after the others. Kept are the published one, those of closed periods,
-- pinned ones, and as many of the newest as somebody wants. A row of history goes when no kept release holds it, by
-- delete and never by truncate: readers that began before see it until they end.
set role motcua_owner;

create table if not exists release.pin (
    pin_id bigint generated always as identity primary key,
    release_id bigint not null,
    verdict text not null default 'pass' check (verdict = 'pass'),
    because text not null check (btrim(because) <> ''),
    pinned_for text not null check (btrim(pinned_for) <> ''),
    pinned_by text not null default session_user,
    pinned_at timestamptz not null default clock_timestamp(),
    unpinned_because text check (btrim(unpinned_because) <> ''),
    unpinned_for text check (btrim(unpinned_for) <> ''),
    unpinned_at timestamptz,
    foreign key (release_id, verdict) references release.release (release_id, verdict),
    constraint unpinned_says_why check (num_nulls(unpinned_because, unpinned_for, unpinned_at) in (0, 3))
);
create unique index if not exists pinned_once on release.pin (release_id) where unpinned_at is null;
comment on table release.pin is 'Releases that cleaning leaves, and those it left once: by whom and why.';

create table if not exists release.cleaned (
    release_id bigint primary key references release.release,
    because text not null check (btrim(because) <> ''),
    cleaned_for text not null check (btrim(cleaned_for) <> ''),
    cleaned_by text not null default session_user,
    cleaned_at timestamptz not null default clock_timestamp()
);
comment on table release.cleaned is 'Releases that cannot be read any more. What they were stands in release.release.';
create or replace trigger rows_are_evidence before update or delete or truncate on release.cleaned
for each statement execute function release.refuse_change();
create or replace trigger pins_are_never_removed before delete or truncate on release.pin
for each statement execute function release.refuse_change();

create or replace function release.refuse_if_cleaned(wanted bigint) returns void
language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp as $$
declare
    gone record;
begin
    select cleaned_at, cleaned_for, because into gone from release.cleaned where release_id = wanted;
    if gone.cleaned_at is not null then
        raise exception 'release % was cleaned on % by % (%): its rows are gone',
        wanted, gone.cleaned_at::date, gone.cleaned_for, gone.because using errcode = 'no_data_found';
    end if;
end
$$;

create or replace function release.pin(wanted bigint, why text, person text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('motcua.publish', 0));
    perform release.refuse_if_cleaned(wanted);
    if not exists (select from release.release as r where r.release_id = wanted and r.verdict = 'pass') then
        raise exception 'release % does not exist or was refused', wanted using errcode = 'no_data_found';
    end if;
    insert into release.pin (release_id, because, pinned_for) values (wanted, why, person);
end
$$;

create or replace function release.unpin(wanted bigint, why text, person text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update release.pin set unpinned_because = why, unpinned_for = person, unpinned_at = clock_timestamp()
    where release_id = wanted and unpinned_at is null;
    if not found then
        raise exception 'release % is not pinned', wanted using errcode = 'no_data_found';
    end if;
end
$$;

create or replace function release.kept(newest integer) returns bigint[]
language sql stable set search_path = pg_catalog, pg_temp as $$
    select coalesce(array_agg(passed.release_id order by passed.release_id), '{}')
    from (
        select r.release_id, row_number() over (order by r.release_id desc) as age
        from release.release as r
        where r.verdict = 'pass' and not exists (select from release.cleaned as c where c.release_id = r.release_id)
    ) as passed
    where passed.age <= newest
    or exists (select from release.pointer as p where p.release_id = passed.release_id)
    or exists (select from release.closed_period as p where p.release_id = passed.release_id)
    or exists (select from release.pin as p where p.release_id = passed.release_id and p.unpinned_at is null)
$$;

create or replace function release.clean(newest integer, why text, person text)
returns table (cleaned bigint[], kept bigint[], removed jsonb)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    stays bigint[];
    goes bigint[];
    mart text;
    gone bigint;
    counted jsonb := '{}';
begin
    if newest is null or newest < 1 then
        raise exception 'at least one release is kept' using errcode = 'invalid_parameter_value';
    end if;
    if current_setting('transaction_isolation') <> 'read committed' then
        -- An older snapshot would not show what was pinned or published while this waited for the lock.
        raise exception 'cleaning needs read committed' using errcode = 'invalid_transaction_state';
    end if;
    -- The same lock as publishing: what is kept is what is published when the rows go.
    perform pg_advisory_xact_lock(hashtextextended('motcua.publish', 0));
    stays := release.kept(newest);
    with condemned as (
        insert into release.cleaned (release_id, because, cleaned_for)
        select r.release_id, why, person from release.release as r
        where
            r.verdict = 'pass' and r.release_id <> all(stays)
            and not exists (select from release.cleaned as c where c.release_id = r.release_id)
        returning cleaned.release_id
    )

    select coalesce(array_agg(condemned.release_id order by condemned.release_id), '{}') into goes from condemned;
    for mart in select tablename from pg_tables where schemaname = 'history' order by tablename collate "C" loop
        execute format(
            'delete from history.%I as h where not exists ('
            'select from unnest($1) as k (release_id) where k.release_id >= h.release_from and k.release_id < h.release_to)',
            mart
        ) using stays;
        get diagnostics gone = row_count;
        counted := counted || jsonb_build_object(mart, gone);
    end loop;
    return query select goes, stays, counted;
end
$$;

create or replace function release.keep_history() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
-- On history: what a release holds that can be asked for stays, whoever cleans up, and stays as it is.
begin
    if tg_op = 'TRUNCATE' then
        raise exception '%.% is never truncated: readers at work would lose it', tg_table_schema, tg_table_name
        using errcode = 'insufficient_privilege';
    end if;
    -- `gone` holds all rows of the statement: looked at as a set, and by the few spans of releases that they stood in.
    if exists (
        select from (select distinct release_from, release_to from gone) as span
        inner join release.release as held
            on held.release_id >= span.release_from and held.release_id < span.release_to and held.verdict = 'pass'
        where not exists (select from release.cleaned as c where c.release_id = held.release_id)
    ) then
        raise exception 'a row of %.% stands in release(s) that are kept', tg_table_schema, tg_table_name
        using errcode = 'insufficient_privilege';
    end if;
    return null;
end
$$;

create or replace function release.guard_history(mart text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    execute format('drop trigger if exists closed_periods_are_kept on history.%I', mart);
    execute format('drop trigger if exists closed_periods_are_kept_whole on history.%I', mart);
    execute format(
        'create or replace trigger kept_releases_stay after delete on history.%I '
        'referencing old table as gone for each statement execute function release.keep_history()', mart
    );
    execute format(
        'create or replace trigger kept_releases_stay_as_they_are after update on history.%I '
        'referencing old table as gone for each statement execute function release.keep_history()', mart
    );
    execute format(
        'create or replace trigger kept_releases_stay_whole before truncate on history.%I '
        'for each statement execute function release.keep_history()', mart
    );
end
$$;

do $$
declare
    mart text;
begin
    for mart in select tablename from pg_catalog.pg_tables where schemaname = 'history' loop
        perform release.guard_history(mart);
    end loop;
    drop function if exists release.keep_closed_periods();
    revoke all on all functions in schema release from public;
    grant execute on function
    release.pin(bigint, text, text), release.unpin(bigint, text, text), release.clean(integer, text, text)
    to motcua_publisher;
    grant execute on function release.refuse_if_cleaned(bigint) to motcua_inspector;
    grant select on release.pin, release.cleaned
    to motcua_loader, motcua_transformer, motcua_checker, motcua_publisher, motcua_inspector;
end
$$;
reset role;
