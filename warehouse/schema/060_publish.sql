-- The one way into marts. Security definer: the caller needs no right on marts, and has none.
-- The verdict is derived here, from the check rows, and not taken from anybody.
-- pg_temp stands last in every search path: unnamed it would come first, and a caller's temporary type named text would
-- be taken for the real one, with the owner's rights.
set role motcua_owner;

create or replace function release.reasons_against(judged uuid) returns text[]
language sql stable set search_path = pg_catalog, pg_temp as $$
-- Empty means pass. A check that is missing (never ran, crashed) is a failure like one that is red; one that only warns
-- is no reason, nor is one that holds and that somebody overrode (059_severity.sql).
    select coalesce(array_agg(reason order by reason collate "C"), '{}') from (
        select name || ': ' || message || case when weighs = 'hold' then ' (held)' else '' end as reason
        from release.words_on(judged)
        where weighs = 'fail' or (weighs = 'hold' and overridden is null)
        union all
        select 'no required check is defined' where not exists (select 1 from release.required_check)
        union all
        select 'the candidates were never sealed' where not exists (select 1 from release.seal where run_id = judged)
        union all
        select 'no table is declared for publication' where not exists (select 1 from release.mart)
    ) as found
$$;

create or replace function release.leave_room(mart_name text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
-- A page of a published table has room for a twelfth more of its rows, so that one that is otherwise in the next release
-- finds a place beside the former, and no index needs to be told.
begin
    if not exists (
        select from pg_class as c
        where c.oid = to_regclass(format('marts.%I', mart_name)) and 'fillfactor=92' = any(c.reloptions)
    ) then
        execute format('alter table marts.%I set (fillfactor = 92)', mart_name);
    end if;
end
$$;

create or replace function release.apply_noted(mart_name text, relation text, new_release bigint) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp set work_mem = '128MB' as $$
-- Makes the published table equal to a relation that was compared with it: noted rows that go are kept in history, what is
-- there now stands in their place or comes, the rest is not touched.
declare
    listed constant text := release.columns_as(mart_name, '%I');
    same_key constant text := release.keys_of(mart_name, 'm.%1$I = n.%1$I', ' and ');
    incoming constant text := format(
        'noted.%I as n inner join %s as c on %s', mart_name, relation, release.keys_of(mart_name, 'c.%1$I = n.%1$I', ' and ')
    );
    fills boolean;
    moves boolean;
    moved bigint := 0;
    replaced bigint := 0;
    added bigint := 0;
begin
    execute format(
        'select not exists (select from marts.%1$I), exists (select from noted.%1$I)', mart_name
    ) into fills, moves;
    if fills then
        execute format(
            'insert into marts.%I (release_from, %s) select $1, %s from %s as c',
            mart_name, listed, release.columns_as(mart_name, 'c.%I'), relation
        ) using new_release;
        get diagnostics added = row_count;
    elsif moves then
        execute format('analyze noted.%I', mart_name);
        execute format(
            'insert into history.%1$I (release_from, release_to, %2$s) select m.release_from, $1, %3$s '
            'from marts.%1$I as m inner join noted.%1$I as n on %4$s',
            mart_name, listed, release.columns_as(mart_name, 'm.%I'), same_key
        ) using new_release;
        get diagnostics moved = row_count;
        execute format(
            'update marts.%1$I as m set release_from = $1, %2$s from %3$s where %4$s',
            mart_name, release.columns_as(mart_name, '%1$I = c.%1$I'), incoming, same_key
        ) using new_release;
        get diagnostics replaced = row_count;
        execute format('delete from marts.%1$I as m using noted.%1$I as n where %2$s and n.hash_come is null', mart_name, same_key);
        execute format(
            'insert into marts.%I (release_from, %s) select $1, %s from %s where n.hash_gone is null',
            mart_name, listed, release.columns_as(mart_name, 'c.%I'), incoming
        ) using new_release;
        get diagnostics added = row_count;
    end if;
    if moves then
        execute format('truncate noted.%I', mart_name);
    end if;
    -- Readers' plans are made by statistics, and the server looks at a table only about a minute after it changed.
    if moved + replaced + added > 0.1 * (
        select greatest(reltuples, 0) from pg_class where oid = to_regclass(format('marts.%I', mart_name))
    ) then
        execute format('analyze marts.%I', mart_name);
    end if;
    return jsonb_build_object('superseded', moved, 'added', replaced + added);
end
$$;

create or replace function release.publish_candidates(new_release bigint) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
-- The sealed candidates become what is published; what another release changed since they were compared is found first.
declare
    mart_name text;
    compared bigint;
    standing constant bigint := (select pointer.release_id from release.pointer as pointer);
    changes jsonb := '{}';
begin
    for mart_name, compared in
        select held.mart, held.compared_with from release.candidate as held order by held.mart collate "C"
    loop
        if compared is distinct from standing then
            perform release.compare_whole(mart_name, format('candidate.%I', mart_name));
            perform release.rehash(mart_name);
        end if;
        perform release.take_over_hashes(mart_name);
        changes := changes || jsonb_build_object(
            mart_name, release.apply_noted(mart_name, format('candidate.%I', mart_name), new_release)
        );
    end loop;
    update release.candidate as held set compared_with = new_release;
    return changes;
end
$$;

create or replace function release.publish(publishing uuid)
returns table (release_id bigint, verdict text, changed boolean, reasons text[], changes jsonb)
language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC' as $$
declare
    against text[];
    sealed jsonb;
    standing record;
    made bigint;
    done jsonb;
begin
    perform pg_advisory_xact_lock(hashtextextended('motcua.publish', 0));
    against := release.reasons_against(publishing);
    if not release.is_seal_whole(publishing) then
        against := against || 'the candidates are not those that were checked'::text;
    end if;
    sealed := coalesce((select seal.content from release.seal as seal where seal.run_id = publishing), '{}');
    select current_release.release_id, current_release.content_sha256 into standing
    from release.pointer as pointer
    inner join release.release as current_release on current_release.release_id = pointer.release_id;
    if cardinality(against) = 0 and standing.content_sha256 = release.content_sha256(sealed) then
        return query select standing.release_id, 'pass'::text, false, against, '{}'::jsonb;
        return;
    end if;
    insert into release.release (run_id, kind, verdict, reasons, content, content_sha256, warnings)
    values (
        publishing, 'publish', case when cardinality(against) = 0 then 'pass' else 'fail' end, against,
        sealed, release.content_sha256(sealed), release.warnings_of(publishing)
    ) returning release.release_id into made;
    if cardinality(against) > 0 then
        return query select made, 'fail'::text, false, against, '{}'::jsonb;
        return;
    end if;
    done := release.publish_candidates(made);
    insert into release.pointer as pointer (release_id, verdict) values (made, 'pass')
    on conflict (only_row) do update set release_id = excluded.release_id, verdict = excluded.verdict;
    return query select made, 'pass'::text, true, against, done;
end
$$;

create or replace function release.set_aside(mart_name text, wanted bigint) returns text
language plpgsql set search_path = pg_catalog, pg_temp as $$
-- Copies a mart's rows as they stood in a release to a temporary table and names it: they are read from the very
-- tables that the rollback is about to change.
declare
    listed constant text := release.columns_as(mart_name, '%I');
    aside constant text := 'restored_' || mart_name;
begin
    execute format(
        'create temporary table %1$I on commit drop as '
        'select %2$s from marts.%3$I where release_from <= %4$s union all '
        'select %2$s from history.%3$I where release_from <= %4$s and release_to > %4$s',
        aside, listed, mart_name, wanted
    );
    return format('pg_temp.%I', aside);
end
$$;

create or replace function release.restore_rows(new_release bigint, sources jsonb) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
-- What is noted of candidates is lost by it, and so are the buckets of hashes: both are made whole when a run seals again.
declare
    mart_name text;
    changes jsonb := '{}';
begin
    delete from release.hashed_mart;
    delete from release.rehashed_mart;
    update release.candidate as held set compared_with = null;
    for mart_name in select mart.name from release.mart as mart order by mart.name collate "C" loop
        perform release.compare_whole(mart_name, sources -> mart_name ->> 'relation');
        changes := changes || jsonb_build_object(
            mart_name, release.apply_noted(mart_name, sources -> mart_name ->> 'relation', new_release)
        );
    end loop;
    return changes;
end
$$;

drop function if exists release.rollback(uuid, bigint);
create or replace function release.rollback(rolling uuid, target bigint, why text, person text)
returns table (release_id bigint, changes jsonb)
language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC' as $$
-- A new release with the old contents; nothing is rewritten. The contents are proved by the target's hash.
declare
    wanted record;
    sources jsonb;
    made bigint;
    done jsonb;
    now_holds jsonb;
begin
    perform pg_advisory_xact_lock(hashtextextended('motcua.publish', 0));
    select old.release_id, old.content, old.content_sha256, old.warnings into wanted
    from release.release as old where old.release_id = target and old.verdict = 'pass';
    if wanted.release_id is null then
        raise exception 'release % does not exist or was refused', target using errcode = 'no_data_found';
    end if;
    perform release.refuse_if_cleaned(target);
    select jsonb_object_agg(name, jsonb_build_object(
        'relation', release.set_aside(name, target), 'columns', to_jsonb(columns)
    )) into sources from release.mart;
    insert into release.release (
        run_id, kind, restores, verdict, reasons, content, content_sha256, warnings, because, asked_by
    )
    values (
        rolling, 'rollback', target, 'pass', '{}', wanted.content, wanted.content_sha256, wanted.warnings, why, person
    )
    returning release.release_id into made;
    insert into release.pointer as pointer (release_id, verdict) values (made, 'pass')
    on conflict (only_row) do update set release_id = excluded.release_id, verdict = excluded.verdict;
    done := release.restore_rows(made, sources);
    now_holds := release.content_of(release.relations_in('marts'), wanted.content);
    if now_holds is distinct from wanted.content then
        raise exception 'release % cannot be restored exactly: its tables have other columns today', target;
    end if;
    return query select made, done;
end
$$;

do $$
begin
    drop function if exists release.hold_candidates();
    drop function if exists release.replace_rows(bigint, jsonb);
    revoke all on all functions in schema release from public;
    grant execute on function
    release.publish(uuid), release.rollback(uuid, bigint, text, text), release.reasons_against(uuid)
    to motcua_publisher;
end
$$;
reset role;
