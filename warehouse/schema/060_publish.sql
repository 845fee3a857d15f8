-- The one way into marts. Security definer: the caller needs no right on marts, and has none.
-- The verdict is derived here, from the check rows, and not taken from anybody.
-- pg_temp stands last in every search path: unnamed it would come first, and a caller's temporary type named text would
-- be taken for the real one, with the owner's rights.
set role motcua_owner;

create or replace function release.content_of(relations jsonb) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp
set timezone = 'UTC' set datestyle = 'ISO, YMD' set extra_float_digits = 1 set bytea_output = 'hex'
set work_mem = '128MB' as $$
-- relations: {table: {"relation": "schema.table", "columns": […]}}; gives {table: {columns, rows, sha256}}.
-- The hash depends neither on the order of rows (row hashes are sorted before they are hashed together) nor on how
-- the caller's session, its database or its server writes dates.
declare
    mart text;
    described jsonb;
    listed text;
    counted bigint;
    hashed text;
    result jsonb := '{}';
begin
    for mart, described in select entry.key, entry.value from jsonb_each(relations) as entry order by entry.key collate "C" loop
        select string_agg(format('t.%I', name), ', ' order by place) into listed
        from jsonb_array_elements_text(described -> 'columns') with ordinality as named (name, place);
        execute format(
            'select count(*), encode(sha256(convert_to(coalesce(string_agg(h, '''' order by h), ''''), ''UTF8'')), ''hex'') '
            'from (select encode(sha256(convert_to(row(%s)::text, ''UTF8'')), ''hex'') collate "C" as h from %s as t) as hashes',
            listed, described ->> 'relation'
        ) into counted, hashed;
        result := result || jsonb_build_object(
            mart, jsonb_build_object('columns', described -> 'columns', 'rows', counted, 'sha256', hashed)
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

create or replace function release.hold_candidates() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
-- Readers pass; whoever would rebuild or change a candidate waits until this transaction ends.
-- What follows reads the candidates with the owner's rights. So they must be plain tables of the published types: a
-- view, a row policy or a type of the transformer's would run code of the transformer's with those rights.
declare
    mart record;
begin
    for mart in
        select name, columns, format('candidate.%I', name) as candidate, format('marts.%I', name) as published
        from release.mart order by name collate "C"
    loop
        execute format('lock table %s in share mode', mart.candidate);
        if not exists (
            select from pg_class where oid = to_regclass(mart.candidate) and relkind = 'r' and not relrowsecurity
        ) or exists (
            select from unnest(mart.columns) as wanted (name)
            left join pg_attribute as held
                on held.attrelid = to_regclass(mart.candidate) and held.attname = wanted.name and not held.attisdropped
            left join pg_attribute as standing
                on
                    standing.attrelid = to_regclass(mart.published) and standing.attname = wanted.name
                    and not standing.attisdropped
            where held.atttypid is distinct from standing.atttypid
        ) then
            raise exception '% is no plain table with the columns of %', mart.candidate, mart.published
            using errcode = 'wrong_object_type';
        end if;
    end loop;
end
$$;

create or replace function release.seal_candidates(sealing uuid) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC' as $$
declare
    sealed jsonb;
begin
    perform release.hold_candidates();
    sealed := release.content_of(release.relations_in('candidate'));
    insert into release.seal (run_id, content) values (sealing, sealed);
    return sealed;
end
$$;

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

create or replace function release.replace_rows(new_release bigint, sources jsonb) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp set work_mem = '128MB' as $$
-- Makes marts equal to the given relations, row by row: what differs moves to history, the rest is not touched.
declare
    mart record;
    listed text;
    incoming text;
    standing text;
    same_key text;
    moved bigint;
    added bigint;
    changes jsonb := '{}';
begin
    for mart in select name, key_columns, columns from release.mart order by name collate "C" loop
        select
            string_agg(quote_ident(name), ', ' order by place),
            string_agg(format('c.%I', name), ', ' order by place),
            string_agg(format('m.%I', name), ', ' order by place)
        into listed, incoming, standing
        from unnest(mart.columns) with ordinality as named (name, place);
        select string_agg(format('c.%I = m.%I', name, name), ' and ' order by place) into same_key
        from unnest(mart.key_columns) with ordinality as named (name, place);
        execute format(
            'with gone as (delete from marts.%1$I as m where not exists (select 1 from %2$s as c where %3$s '
            'and row(%4$s) is not distinct from row(%5$s)) returning m.release_from, %5$s) '
            'insert into history.%1$I (release_from, release_to, %6$s) select release_from, $1, %6$s from gone',
            mart.name, sources -> mart.name ->> 'relation', same_key, incoming, standing, listed
        ) using new_release;
        get diagnostics moved = row_count;
        execute format(
            'insert into marts.%1$I (release_from, %6$s) select $1, %4$s from %2$s as c '
            'where not exists (select 1 from marts.%1$I as m where %3$s)',
            mart.name, sources -> mart.name ->> 'relation', same_key, incoming, standing, listed
        ) using new_release;
        get diagnostics added = row_count;
        -- Readers' plans are made by statistics, and the server looks at a table only about a minute after it changed.
        if moved + added > 0.1 * (select greatest(reltuples, 0) from pg_class where oid = format('marts.%I', mart.name)::regclass) then
            execute format('analyze marts.%I', mart.name);
        end if;
        changes := changes || jsonb_build_object(mart.name, jsonb_build_object('superseded', moved, 'added', added));
    end loop;
    return changes;
end
$$;

create or replace function release.publish(publishing uuid)
returns table (release_id bigint, verdict text, changed boolean, reasons text[], changes jsonb)
language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC' as $$
declare
    against text[];
    sealed jsonb;
    found jsonb;
    standing record;
    made bigint;
begin
    perform pg_advisory_xact_lock(hashtextextended('motcua.publish', 0));
    perform release.hold_candidates();
    against := release.reasons_against(publishing);
    select seal.content into sealed from release.seal as seal where seal.run_id = publishing;
    found := release.content_of(release.relations_in('candidate'));
    if sealed is distinct from found then
        against := against || 'the candidates are not those that were checked'::text;
    end if;
    select current_release.release_id, current_release.content_sha256 into standing
    from release.pointer as pointer
    inner join release.release as current_release on current_release.release_id = pointer.release_id;
    if cardinality(against) = 0 and standing.content_sha256 = release.content_sha256(found) then
        return query select standing.release_id, 'pass'::text, false, against, '{}'::jsonb;
        return;
    end if;
    insert into release.release (run_id, kind, verdict, reasons, content, content_sha256, warnings)
    values (
        publishing, 'publish', case when cardinality(against) = 0 then 'pass' else 'fail' end, against,
        found, release.content_sha256(found), release.warnings_of(publishing)
    ) returning release.release_id into made;
    if cardinality(against) > 0 then
        return query select made, 'fail'::text, false, against, '{}'::jsonb;
        return;
    end if;
    insert into release.pointer as pointer (release_id, verdict) values (made, 'pass')
    on conflict (only_row) do update set release_id = excluded.release_id, verdict = excluded.verdict;
    return query select
        made, 'pass'::text, true, against, release.replace_rows(made, release.relations_in('candidate'));
end
$$;

create or replace function release.set_aside(mart_name text, wanted bigint) returns text
language plpgsql set search_path = pg_catalog, pg_temp as $$
-- Copies a mart's rows as they stood in a release to a temporary table and names it: they are read from the very
-- tables that the rollback is about to change.
declare
    listed text;
    aside text := 'restored_' || mart_name;
begin
    select string_agg(quote_ident(c), ', ' order by place) into listed
    from release.mart, unnest(columns) with ordinality as u (c, place) where name = mart_name;
    execute format(
        'create temporary table %1$I on commit drop as '
        'select %2$s from marts.%3$I where release_from <= %4$s union all '
        'select %2$s from history.%3$I where release_from <= %4$s and release_to > %4$s',
        aside, listed, mart_name, wanted
    );
    return format('pg_temp.%I', aside);
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
    done := release.replace_rows(made, sources);
    now_holds := release.content_of(release.relations_in('marts'));
    if now_holds is distinct from wanted.content then
        raise exception 'release % cannot be restored exactly: its tables have other columns today', target;
    end if;
    return query select made, done;
end
$$;

do $$
begin
    revoke all on all functions in schema release from public;
    grant execute on function release.seal_candidates(uuid) to motcua_transformer;
    grant execute on function
    release.publish(uuid), release.rollback(uuid, bigint, text, text), release.reasons_against(uuid)
    to motcua_publisher;
end
$$;
reset role;
