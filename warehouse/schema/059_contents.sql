-- What published tables hold, as one hash each, and what is going to be otherwise: comparing and sealing candidates.
-- Nothing here changes what readers see.
set role motcua_owner;

create or replace function release.hashed_in_one(hashes text, out counted bigint, out hashed text)
language plpgsql set search_path = pg_catalog, pg_temp set work_mem = '128MB' as $$
-- How an earlier version of this program hashed a table: the hashes of its rows, sorted, written one behind the other. What
-- it put on record and signed is held to that for good.
begin
    execute 'select count(*), '
        'encode(sha256(convert_to(coalesce(string_agg(encode(h, ''hex''), '''' order by h), ''''), ''UTF8'')), ''hex'') '
        'from (' || hashes || ') as hashes' into counted, hashed;
end
$$;

create or replace function release.laid_out(columns text[], depth integer) returns jsonb
language sql immutable set search_path = pg_catalog, pg_temp as $$
-- How a table's rows lie in buckets, for its entry: by how many bits, and of which column's hash unless of their own.
    select jsonb_build_object('depth', depth) || case
        when release.placed_by(columns) is null then '{}'
        else jsonb_build_object('placed_by', release.placed_by(columns))
    end
$$;

drop function if exists release.content_of(jsonb);
create or replace function release.content_of(relations jsonb, on_record jsonb default '{}') returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp
set timezone = 'UTC' set datestyle = 'ISO, YMD' set extra_float_digits = 1 set bytea_output = 'hex' as $$
-- relations: {table: {"relation": "schema.table", "columns": […]}}; gives {table: {columns, rows, depth, placed_by,
-- sha256}}, every row read. However the caller's session, its database or its server writes dates, the hash is the same.
-- A table that an earlier version put on record is hashed as it was then, and has no depth.
declare
    mart text;
    described jsonb;
    listed text[];
    size bigint;
    entry jsonb;
    together record;
    result jsonb := '{}';
begin
    for mart, described in select given.key, given.value from jsonb_each(relations) as given order by given.key collate "C" loop
        listed := array(select jsonb_array_elements_text(described -> 'columns'));
        entry := jsonb_build_object('columns', described -> 'columns');
        if on_record ? mart and not on_record -> mart ? 'depth' then
            together := release.hashed_in_one(
                format('select %s as h from %s as t', release.hash_of_row(listed, 't'), described ->> 'relation')
            );
        else
            execute format('select count(*) from %s as t', described ->> 'relation') into size;
            entry := entry || release.laid_out(listed, release.bucket_depth(size));
            together := release.hashed_together(
                release.in_buckets(described ->> 'relation', listed, release.bucket_depth(size))
            );
        end if;
        result := result || jsonb_build_object(
            mart, entry || jsonb_build_object('rows', together.counted, 'sha256', together.hashed)
        );
    end loop;
    return result;
end
$$;

create or replace function release.relations_in(schema_name text) returns jsonb
language sql stable set search_path = pg_catalog, pg_temp as $$
    select coalesce(jsonb_object_agg(
        name, jsonb_build_object('relation', format('%I.%I', schema_name, name), 'columns', to_jsonb(columns))
    ), '{}') from release.mart
$$;

create or replace function release.content_sha256(content jsonb) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select encode(sha256(convert_to(content::text, 'UTF8')), 'hex')
$$;

create or replace function release.same_row(mart_name text) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
-- Whether two rows are the same to the letter, as SQL: by their images, for 1.5 and 1.50 are equal and hashed otherwise.
    select format(
        'row(%s)::record operator(pg_catalog.*=) row(%s)::record',
        release.columns_as(mart_name, 'c.%I'), release.columns_as(mart_name, 'm.%I')
    )
$$;

create or replace function release.hashes_of_moved(mart_name text) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
-- As SQL, for a row m that is published and a row c that is to be, either of which may be missing: the hash of the one that
-- goes, of the one that comes, and where they lie; in the order in which a place for notes has them. Only in functions that
-- set how dates, numbers and bytes are written.
    select format(
        'case when m.ctid is not null then %s end as hash_gone, case when c.ctid is not null then %s end as hash_come, '
        'case when m.ctid is not null then %s end as place_gone, case when c.ctid is not null then %s end as place_come',
        release.hash_of_row(listed, 'm'), release.hash_of_row(listed, 'c'),
        release.place_of_row(listed, 'm'), release.place_of_row(listed, 'c')
    )
    from release.columns_of(mart_name) as listed
$$;

create or replace function release.compare_whole(mart_name text, relation text) returns void
language plpgsql set search_path = pg_catalog, pg_temp
set timezone = 'UTC' set datestyle = 'ISO, YMD' set extra_float_digits = 1 set bytea_output = 'hex'
set work_mem = '128MB' as $$
-- Notes the keys by which a relation differs from what is published, and the hashes of the rows that go and come. Where
-- nothing is published all of it does, and nothing needs to be noted.
declare
    anything boolean;
begin
    perform release.place_for_notes(mart_name);
    execute format('select exists (select from marts.%I)', mart_name) into anything;
    if anything then
        execute format(
            'insert into noted.%1$I select %2$s, %3$s from %4$s as c full join marts.%1$I as m on %5$s where not (%6$s)',
            mart_name, release.keys_of(mart_name, 'coalesce(c.%1$I, m.%1$I)', ', '), release.hashes_of_moved(mart_name),
            relation, release.keys_of(mart_name, 'c.%1$I = m.%1$I', ' and '), release.same_row(mart_name)
        );
    end if;
end
$$;

drop function if exists release.compare_noted(text);
create or replace function release.found_by_noted(mart_name text, of_row text) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
-- How the row of a noted key k is found, as SQL. Where few of many were noted under a key of one column, they are looked up
-- all at once and read in the order in which they lie, ahead of time, and not one by one.
    select release.keys_of(mart_name, of_row || '.%1$I = k.%1$I', ' and ') || coalesce((
        select format(
            ' and %s.%I = any(array(select wanted.%2$I from pg_temp.noted_keys as wanted))', of_row, mart.key_columns[1]
        )
        from release.mart as mart
        where
            mart.name = mart_name and cardinality(mart.key_columns) = 1
            and (select reltuples from pg_class where oid = to_regclass('pg_temp.noted_keys')) * 10
            < (select reltuples from pg_class where oid = to_regclass(format('marts.%I', mart_name)))
    ), '')
$$;

create or replace function release.hash_noted(mart_name text) returns void
language plpgsql set search_path = pg_catalog, pg_temp
set timezone = 'UTC' set datestyle = 'ISO, YMD' set extra_float_digits = 1 set bytea_output = 'hex'
set work_mem = '128MB' set enable_indexscan = off as $$
-- Leaves of the noted keys, each once, those whose candidate's row is not the published one, with the hashes of both: not a
-- row that was written as it was, nor one that came and went between two releases.
begin
    execute format(
        'create temporary table noted_keys as select distinct %s from noted.%I',
        release.keys_of(mart_name, '%I', ', '), mart_name
    );
    analyze pg_temp.noted_keys;
    execute format('truncate noted.%I', mart_name);
    execute format(
        'insert into noted.%1$I select moved.* from (select %2$s, %3$s from pg_temp.noted_keys as k '
        'left join marts.%1$I as m on %4$s left join candidate.%1$I as c on %5$s) as moved '
        'where hash_gone is distinct from hash_come',
        mart_name, release.keys_of(mart_name, 'k.%I', ', '), release.hashes_of_moved(mart_name),
        release.found_by_noted(mart_name, 'm'), release.found_by_noted(mart_name, 'c')
    );
    drop table pg_temp.noted_keys;
end
$$;

create or replace function release.compare_candidate(mart_name text, standing bigint) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $$
-- Makes what is noted of a held candidate exactly what differs from the standing release; false when nothing does.
declare
    differs boolean;
begin
    if exists (
        select from release.candidate as held where held.mart = mart_name and held.compared_with = standing
    ) then
        execute format('select exists (select from noted.%I)', mart_name) into differs;
        if differs then
            perform release.hash_noted(mart_name);
        end if;
    else
        perform release.compare_whole(mart_name, format('candidate.%I', mart_name));
    end if;
    update release.candidate as held set compared_with = standing
    where held.mart = mart_name and held.compared_with is distinct from standing;
    execute format(
        'select exists (select from noted.%1$I) or not exists (select from marts.%1$I)', mart_name
    ) into differs;
    return differs;
end
$$;

create or replace function release.rehash(mart_name text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
-- The buckets of a compared candidate that are otherwise than those of the published table. Where more than a quarter of
-- the rows move, making all of them is no more work.
declare
    moving bigint;
begin
    perform release.places_for_hashes(mart_name);
    delete from release.rehashed_mart as known where known.mart = mart_name;
    execute format('select count(*) from noted.%I', mart_name) into moving;
    if exists (
        select from release.hashed_mart as held inner join release.mart as mart on mart.name = held.mart
        where held.mart = mart_name and held.columns = mart.columns and moving between 1 and held.counted / 4
    ) and release.rehash_noted(mart_name) then
        return;
    end if;
    perform release.rehash_whole(mart_name);
end
$$;

create or replace function release.content_to_be(mart_name text) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
-- {columns, rows, depth, sha256} of a table as content_of gives it, once the compared candidate is published.
declare
    next release.rehashed_mart;
    together record;
begin
    perform release.rehash(mart_name);
    select * into next from release.rehashed_mart as known where known.mart = mart_name;
    together := release.hashed_together(format('select bucket, counted, sha256 from rehashed.%I where counted > 0', mart_name) || case
        when next.as_whole then ''
        else format(
            ' union all select bucket, counted, sha256 from release.hashed_bucket '
            'where mart = %L and bucket not in (select r.bucket from rehashed.%I as r)', mart_name, mart_name
        )
    end);
    return release.laid_out(next.columns, next.depth) || jsonb_build_object(
        'columns', to_jsonb(next.columns), 'rows', together.counted, 'sha256', together.hashed
    );
end
$$;

create or replace function release.assert_sees_what_stands() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
-- A snapshot from before a candidate was written would seal rows that stand there no more.
begin
    if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
        raise exception 'candidates are sealed in a transaction that sees what others commit (read committed)'
        using errcode = 'active_sql_transaction';
    end if;
end
$$;

create or replace function release.prepare_candidate(mart_name text) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC' as $$
-- Takes a candidate over, finds what of it differs from the standing release, and notes what it holds; where nothing was
-- written since that was noted, it stands. No release comes meanwhile, and other candidates may be prepared at once.
declare
    standing record;
    known jsonb;
begin
    perform release.assert_sees_what_stands();
    perform pg_advisory_xact_lock_shared(hashtextextended('motcua.publish', 0));
    select made.release_id, made.content into standing
    from release.pointer as pointer inner join release.release as made on made.release_id = pointer.release_id;
    if release.is_held(mart_name) then
        execute format('lock table candidate.%I in share mode', mart_name);
    else
        perform release.hold_candidate(mart_name);
    end if;
    select held.content into known from release.candidate as held
    where
        held.mart = mart_name and held.compared_with is not distinct from standing.release_id
        and held.content -> 'columns' = to_jsonb(release.columns_of(mart_name));
    if known is not null then
        return known;
    end if;
    -- What was made of it earlier and not published.
    delete from release.rehashed_mart as former where former.mart = mart_name;
    known := standing.content -> mart_name;
    if release.compare_candidate(mart_name, standing.release_id) or known is null or not known ? 'depth'
    or known -> 'columns' is distinct from to_jsonb(release.columns_of(mart_name)) then
        known := release.content_to_be(mart_name);
    end if;
    update release.candidate as held set content = known where held.mart = mart_name;
    return known;
end
$$;

create or replace function release.seal_candidates(sealing uuid) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC' as $$
-- Notes what all candidates hold, prepared or not, and for which run.
declare
    mart_name text;
    sealed jsonb := '{}';
begin
    perform pg_advisory_xact_lock(hashtextextended('motcua.publish', 0));
    for mart_name in select mart.name from release.mart as mart order by mart.name collate "C" loop
        sealed := sealed || jsonb_build_object(mart_name, release.prepare_candidate(mart_name));
    end loop;
    insert into release.seal (run_id, content) values (sealing, sealed);
    update release.candidate as held set sealed_run = sealing;
    return sealed;
end
$$;

create or replace function release.is_seal_whole(judged uuid) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $$
-- Whether every candidate is the table that the run sealed, without a row written since. Whoever would write waits until
-- this transaction ends.
declare
    mart_name text;
begin
    for mart_name in select mart.name from release.mart as mart order by mart.name collate "C" loop
        if not release.is_held(mart_name) then
            return false;
        end if;
        execute format('lock table candidate.%I in share mode', mart_name);
        if not release.is_held(mart_name) or not exists (
            select from release.candidate as held where held.mart = mart_name and held.sealed_run = judged
        ) then
            return false;
        end if;
    end loop;
    return true;
end
$$;

do $$
begin
    revoke all on all functions in schema release from public;
    grant execute on function release.prepare_candidate(text), release.seal_candidates(uuid) to motcua_transformer;
end
$$;
reset role;
