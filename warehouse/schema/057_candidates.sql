-- Candidates between two releases. What a run has built is taken from the transformer when it is sealed: from then on
-- the owner holds the table, the transformer may change its rows but not the table, and every change is noted by key.
-- So a seal is known to be unbroken without reading a row, and publishing looks at what changed alone.
set role motcua_owner;

create table if not exists release.candidate (
    mart text primary key references release.mart on delete cascade,
    held oid not null,
    sealed_run uuid references audit.run,
    compared_with bigint references release.release
);
-- Databases of an earlier version have the table without it.
alter table release.candidate add column if not exists content jsonb;
alter table release.candidate add column if not exists left_by bigint;
comment on table release.candidate is 'The candidates that the owner holds.';
comment on column release.candidate.held is 'The very table; another one of the same name is not it.';
comment on column release.candidate.sealed_run is 'The run that sealed it; null once a row was written since.';
comment on column release.candidate.compared_with is
'The release from whose rows it differs by the noted keys and no others; null when it must be compared whole.';
comment on column release.candidate.content is
'What it holds, as a release puts it on record, found when it was compared; null once a row was written since.';
comment on column release.candidate.left_by is
'The build that left its rows as they are; null once a row was written since.';

create or replace function release.keys_of(mart_name text, form text, joined_by text) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
    select string_agg(format(form, col), joined_by order by place)
    from release.mart, unnest(key_columns) with ordinality as named (col, place) where mart.name = mart_name
$$;

create or replace function release.columns_as(mart_name text, form text) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
    select string_agg(format(form, col), ', ' order by place)
    from release.mart, unnest(columns) with ordinality as named (col, place) where mart.name = mart_name
$$;

create or replace function release.place_for_notes(mart_name text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
-- An empty table of the published table's key, and room for the hashes of the row that goes and of the one that comes,
-- and for the places of their buckets. It has no key of its own, which every writer would pay for: rows written
-- twice are told apart when they are hashed (release.hash_noted).
declare
    keys constant text := release.keys_of(mart_name, '%I', ', ');
    place constant text := format('noted.%I', mart_name);
begin
    if (
        select string_agg(quote_ident(attname), ', ' order by attnum)
        from pg_attribute where attrelid = to_regclass(place) and attnum > 0 and not attisdropped
    ) = keys || ', hash_gone, hash_come, place_gone, place_come' then
        execute format('truncate %s', place);
    else
        execute format('drop table if exists %s', place);
        execute format(
            'create table %s as select %s, null::bytea as hash_gone, null::bytea as hash_come, '
            'null::integer as place_gone, null::integer as place_come from marts.%I with no data',
            place, keys, mart_name
        );
    end if;
end
$$;

create or replace function release.note_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
-- On a held candidate, after a statement: the seal is broken, whoever wrote, and the keys of its rows are noted.
declare
    keys constant text := release.keys_of(tg_table_name, '%I', ', ');
begin
    -- Whatever stands there: a condition would be asked of what the writer's snapshot sees, and one from before the seal
    -- sees none. So written, it meets the seal as a change made meanwhile, and is refused.
    update release.candidate as held set sealed_run = null, content = null, left_by = null where held.mart = tg_table_name;
    if not found and keys is not null then
        raise exception 'candidate.% was taken over since this transaction began: begin it again', tg_table_name
        using errcode = 'serialization_failure';
    end if;
    if tg_op = 'TRUNCATE' then
        update release.candidate as held set compared_with = null where held.mart = tg_table_name;
    elsif keys is not null then
        if tg_op in ('INSERT', 'UPDATE') then
            execute format('insert into noted.%1$I (%2$s) select %2$s from written', tg_table_name, keys);
        end if;
        if tg_op in ('DELETE', 'UPDATE') then
            execute format('insert into noted.%1$I (%2$s) select %2$s from replaced', tg_table_name, keys);
        end if;
    end if;
    return null;
end
$$;

create or replace function release.watch_candidate(mart_name text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
-- Gives a held candidate its triggers, and the place where its keys are noted.
declare
    watching record;
begin
    for watching in
        select event, referencing from (values
            ('insert', 'referencing new table as written'),
            ('update', 'referencing old table as replaced new table as written'),
            ('delete', 'referencing old table as replaced'),
            ('truncate', '')
        ) as watched (event, referencing)
    loop
        execute format(
            'create or replace trigger noted_on_%1$s after %1$s on candidate.%2$I %3$s '
            'for each statement execute function release.note_change()', watching.event, mart_name, watching.referencing
        );
    end loop;
    perform release.place_for_notes(mart_name);
end
$$;

create or replace function release.is_held(mart_name text) returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
    select exists (
        select from release.candidate as held inner join pg_class as found on found.oid = held.held
        where
            held.mart = mart_name and found.oid = to_regclass(format('candidate.%I', mart_name))
            and found.relowner = 'motcua_owner'::regrole
    )
$$;

create or replace function release.assert_plain(mart_name text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
-- A held candidate is read and analyzed with the owner's rights, and what is written to it must meet its triggers. So it
-- is a plain table of the published columns and types, and nothing on it is an expression: a view, a policy, a type, a
-- rule, a trigger, an index, statistics or a check of expressions might run code of the transformer's with those rights,
-- and rows of a table that inherits from it would come and go unnoticed.
declare
    candidate constant regclass := to_regclass(format('candidate.%I', mart_name));
begin
    if not exists (select from pg_class where oid = candidate and relkind = 'r' and not relrowsecurity)
    or exists (select from pg_trigger where tgrelid = candidate)
    or exists (select from pg_rewrite where ev_class = candidate)
    or exists (select from pg_inherits where candidate in (inhrelid, inhparent))
    or exists (select from pg_index where indrelid = candidate and num_nonnulls(indexprs, indpred) > 0)
    or exists (select from pg_statistic_ext where stxrelid = candidate)
    or exists (select from pg_constraint where conrelid = candidate and contype not in ('p', 'u', 'n'))
    or exists (
        select from (
            select named.col from release.mart as wanted, unnest(wanted.columns) as named (col)
            where wanted.name = mart_name
        ) as wanted
        full join (
            select attname, atttypid, attgenerated from pg_attribute
            where attrelid = candidate and attnum > 0 and not attisdropped
        ) as held on held.attname = wanted.col
        left join pg_attribute as standing
            on
                standing.attrelid = to_regclass(format('marts.%I', mart_name)) and standing.attname = wanted.col
                and not standing.attisdropped
        where held.atttypid is distinct from standing.atttypid or wanted.col is null or held.attgenerated <> ''
    ) then
        raise exception 'candidate.% is no plain table with the columns of marts.%', mart_name, mart_name
        using errcode = 'wrong_object_type';
    end if;
end
$$;

create or replace function release.hold_candidate(mart_name text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    candidate constant text := format('candidate.%I', mart_name);
begin
    execute format('lock table %s in share row exclusive mode', candidate);
    perform release.assert_plain(mart_name);
    execute format('alter table %s owner to motcua_owner', candidate);
    execute format('revoke all on %s from public', candidate);
    execute format('grant select, insert, update, delete on %s to motcua_transformer', candidate);
    if current_setting('server_version_num')::int >= 170000 then
        execute format('grant maintain on %s to motcua_transformer', candidate);
    end if;
    perform release.watch_candidate(mart_name);
    insert into release.candidate as known (mart, held) values (mart_name, to_regclass(candidate))
    on conflict (mart) do update
    set held = excluded.held, sealed_run = null, compared_with = null, content = null, left_by = null;
end
$$;

create or replace function release.take_over_candidates() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
-- All that were made anew: from now on their writes are noted.
declare
    mart_name text;
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('motcua.publish', 0));
    for mart_name in
        select mart.name from release.mart as mart
        where to_regclass(format('candidate.%I', mart.name)) is not null order by mart.name collate "C"
    loop
        if not release.is_held(mart_name) then
            perform release.hold_candidate(mart_name);
        end if;
    end loop;
end
$$;

create or replace function release.open_candidates(names text[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
-- Gives tables back to the transformer, who is going to make them anew. Nothing is known of them from then on.
declare
    wanted text;
begin
    delete from release.candidate as held where held.mart = any(names);
    for wanted in
        select relname from pg_class
        where
            relnamespace = 'candidate'::regnamespace and relkind = 'r' and relname = any(names)
            and relowner = 'motcua_owner'::regrole
        order by relname collate "C"
    loop
        execute format('drop trigger if exists noted_on_insert on candidate.%I', wanted);
        execute format('drop trigger if exists noted_on_update on candidate.%I', wanted);
        execute format('drop trigger if exists noted_on_delete on candidate.%I', wanted);
        execute format('drop trigger if exists noted_on_truncate on candidate.%I', wanted);
        execute format('alter table candidate.%I owner to motcua_transformer', wanted);
    end loop;
end
$$;

do $$
begin
    revoke all on all functions in schema release from public;
    grant execute on function release.take_over_candidates(), release.open_candidates(text[]) to motcua_transformer;
    grant select on release.candidate
    to motcua_loader, motcua_transformer, motcua_checker, motcua_publisher, motcua_inspector;
end
$$;
reset role;
