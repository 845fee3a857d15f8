SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE SCHEMA audit;
ALTER SCHEMA audit OWNER TO motcua_owner;
COMMENT ON SCHEMA audit IS 'One row for every attempt, failures included.';
CREATE SCHEMA candidate;
ALTER SCHEMA candidate OWNER TO motcua_transformer;
COMMENT ON SCHEMA candidate IS 'Marts of the run at work, not yet checked. No reader.';
CREATE SCHEMA history;
ALTER SCHEMA history OWNER TO motcua_owner;
COMMENT ON SCHEMA history IS 'Superseded row versions of marts: valid from release_from up to, not including, release_to.';
CREATE SCHEMA intermediate;
ALTER SCHEMA intermediate OWNER TO motcua_transformer;
CREATE SCHEMA marts;
ALTER SCHEMA marts OWNER TO motcua_owner;
COMMENT ON SCHEMA marts IS 'The published release: plain tables that hold the current rows.';
CREATE SCHEMA raw;
ALTER SCHEMA raw OWNER TO motcua_owner;
COMMENT ON SCHEMA raw IS 'Rows as delivered, typed or quarantined. Loader and transformer only.';
CREATE SCHEMA reference;
ALTER SCHEMA reference OWNER TO motcua_owner;
COMMENT ON SCHEMA reference IS 'What the deployment configuration says: jurisdictions, policies in use, cut-offs.';
CREATE SCHEMA release;
ALTER SCHEMA release OWNER TO motcua_owner;
COMMENT ON SCHEMA release IS 'Checks, verdicts, releases and the pointer to the published one.';
CREATE SCHEMA staging;
ALTER SCHEMA staging OWNER TO motcua_transformer;
CREATE FUNCTION release.close_period(body text, name text, from_cut_off timestamp with time zone, to_cut_off timestamp with time zone, why text, person text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    AS $$
declare
    standing bigint;
    as_of timestamptz;
    at_from jsonb;
    at_to jsonb;
    figures jsonb;
begin
    -- The same lock as publishing: the figures are of the release that is written beside them.
    perform pg_advisory_xact_lock(hashtextextended('motcua.publish', 0));
    select pointer.release_id into standing from release.pointer as pointer;
    if standing is null then
        raise exception 'nothing has been published yet' using errcode = 'no_data_found';
    end if;
    if exists (
        select from release.closed_period as held where held.jurisdiction = body and held.period = name
    ) then
        raise exception 'the period % of % is closed already', name, body using errcode = 'unique_violation';
    end if;
    select dim.as_of into as_of from marts.dim_jurisdiction as dim where dim.jurisdiction = body;
    if as_of is null or to_cut_off > as_of then
        raise exception 'the period % of % has not ended at the as-of instant of release %', name, body, standing
        using errcode = 'invalid_parameter_value';
    end if;
    at_from := release.figures_at(body, from_cut_off);
    at_to := release.figures_at(body, to_cut_off);
    -- Before the first dossier there is nothing to count, and so no row.
    if at_from is null and not exists (
        select from marts.fct_dossier as d where d.jurisdiction = body and d.received_at < from_cut_off
    ) then
        at_from := '{}';
    end if;
    if at_to is null or at_from is null then
        raise exception 'a cut-off of the period % of % is not published in release %', name, body, standing
        using errcode = 'invalid_parameter_value';
    end if;
    select jsonb_object_agg(policy, jsonb_build_object('from', at_from -> policy, 'to', at_to -> policy)) into figures
    from jsonb_object_keys(at_to) as policies (policy);
    insert into release.closed_period (
        jurisdiction, period, from_cut_off, to_cut_off, release_id, verdict, figures, because, closed_for
    ) values (body, name, from_cut_off, to_cut_off, standing, 'pass', figures, why, person);
    return standing;
end
$$;
ALTER FUNCTION release.close_period(body text, name text, from_cut_off timestamp with time zone, to_cut_off timestamp with time zone, why text, person text) OWNER TO motcua_owner;
CREATE FUNCTION release.content_of(relations jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    SET "DateStyle" TO 'ISO, YMD'
    SET extra_float_digits TO '1'
    SET bytea_output TO 'hex'
    SET work_mem TO '128MB'
    AS $$
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
ALTER FUNCTION release.content_of(relations jsonb) OWNER TO motcua_owner;
CREATE FUNCTION release.content_sha256(content jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select encode(sha256(convert_to(content::text, 'UTF8')), 'hex')
$$;
ALTER FUNCTION release.content_sha256(content jsonb) OWNER TO motcua_owner;
CREATE FUNCTION release.figures_at(body text, cut_off timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
    measures text;
    result jsonb;
begin
    select string_agg(format('%L, sum(t.%I)::bigint', attname, attname), ', ' order by attnum) into measures
    from pg_attribute
    where attrelid = 'marts.fct_timeliness'::regclass and attnum > 0 and not attisdropped
    and atttypid = 'bigint'::regtype and attname <> 'release_from';
    execute format(
        'select jsonb_object_agg(policy, measures) from (select t.policy, jsonb_build_object(%s) as measures '
        'from marts.fct_timeliness as t where t.jurisdiction = $1 and t.cut_off = $2 group by t.policy) as summed',
        measures
    ) into result using body, cut_off;
    return result;
end
$_$;
ALTER FUNCTION release.figures_at(body text, cut_off timestamp with time zone) OWNER TO motcua_owner;
CREATE FUNCTION release.guard_history(mart text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    execute format(
        'create or replace trigger closed_periods_are_kept before delete or update on history.%I '
        'for each row execute function release.keep_closed_periods()', mart
    );
    execute format(
        'create or replace trigger closed_periods_are_kept_whole before truncate on history.%I '
        'for each statement execute function release.keep_closed_periods()', mart
    );
end
$$;
ALTER FUNCTION release.guard_history(mart text) OWNER TO motcua_owner;
CREATE FUNCTION release.hold_candidates() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
ALTER FUNCTION release.hold_candidates() OWNER TO motcua_owner;
CREATE FUNCTION release.keep_closed_periods() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    if tg_op = 'TRUNCATE' then
        if exists (select from release.closed_period) then
            raise exception '%.% holds rows of a closed period', tg_table_schema, tg_table_name
            using errcode = 'insufficient_privilege';
        end if;
        return null;
    end if;
    if exists (
        select from release.closed_period as held
        where held.release_id >= old.release_from and held.release_id < old.release_to
    ) then
        raise exception 'a row of %.% stands in release(s) that a closed period keeps', tg_table_schema, tg_table_name
        using errcode = 'insufficient_privilege';
    end if;
    if tg_op = 'UPDATE' then
        return new;
    end if;
    return old;
end
$$;
ALTER FUNCTION release.keep_closed_periods() OWNER TO motcua_owner;
CREATE FUNCTION release.publish(publishing uuid) RETURNS TABLE(release_id bigint, verdict text, changed boolean, reasons text[], changes jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    AS $$
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
    insert into release.release (run_id, kind, verdict, reasons, content, content_sha256)
    values (
        publishing, 'publish', case when cardinality(against) = 0 then 'pass' else 'fail' end, against,
        found, release.content_sha256(found)
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
ALTER FUNCTION release.publish(publishing uuid) OWNER TO motcua_owner;
CREATE FUNCTION release.reasons_against(judged uuid) RETURNS text[]
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select coalesce(array_agg(reason order by reason collate "C"), '{}') from (
        select case
            when result.name is null then format('%s: did not run', required.name)
            else format('%s: %s', required.name, result.message)
        end as reason
        from release.required_check as required
        left join release.check_result as result on result.name = required.name and result.run_id = judged
        where result.succeeded is not true
        union all
        select 'no required check is defined' where not exists (select 1 from release.required_check)
        union all
        select 'the candidates were never sealed' where not exists (select 1 from release.seal where run_id = judged)
        union all
        select 'no table is declared for publication' where not exists (select 1 from release.mart)
    ) as found
$$;
ALTER FUNCTION release.reasons_against(judged uuid) OWNER TO motcua_owner;
CREATE FUNCTION release.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
    raise exception '% of %.% is refused: its rows are evidence and are only ever added',
    tg_op, tg_table_schema, tg_table_name
    using errcode = 'insufficient_privilege';
end
$$;
ALTER FUNCTION release.refuse_change() OWNER TO motcua_owner;
CREATE FUNCTION release.relations_in(schema_name text) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    select coalesce(jsonb_object_agg(
        name, jsonb_build_object('relation', format('%I.%I', schema_name, name), 'columns', to_jsonb(columns))
    ), '{}') from release.mart
$$;
ALTER FUNCTION release.relations_in(schema_name text) OWNER TO motcua_owner;
CREATE FUNCTION release.replace_rows(new_release bigint, sources jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET work_mem TO '128MB'
    AS $_$
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
        changes := changes || jsonb_build_object(mart.name, jsonb_build_object('superseded', moved, 'added', added));
    end loop;
    return changes;
end
$_$;
ALTER FUNCTION release.replace_rows(new_release bigint, sources jsonb) OWNER TO motcua_owner;
CREATE FUNCTION release.rollback(rolling uuid, target bigint) RETURNS TABLE(release_id bigint, changes jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    AS $$
declare
    wanted record;
    sources jsonb;
    made bigint;
    done jsonb;
    now_holds jsonb;
begin
    perform pg_advisory_xact_lock(hashtextextended('motcua.publish', 0));
    select old.release_id, old.content, old.content_sha256 into wanted
    from release.release as old where old.release_id = target and old.verdict = 'pass';
    if wanted.release_id is null then
        raise exception 'release % does not exist or was refused', target using errcode = 'no_data_found';
    end if;
    select jsonb_object_agg(name, jsonb_build_object(
        'relation', release.set_aside(name, target), 'columns', to_jsonb(columns)
    )) into sources from release.mart;
    insert into release.release (run_id, kind, restores, verdict, reasons, content, content_sha256)
    values (rolling, 'rollback', target, 'pass', '{}', wanted.content, wanted.content_sha256)
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
ALTER FUNCTION release.rollback(rolling uuid, target bigint) OWNER TO motcua_owner;
CREATE FUNCTION release.seal_candidates(sealing uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    AS $$
declare
    sealed jsonb;
begin
    perform release.hold_candidates();
    sealed := release.content_of(release.relations_in('candidate'));
    insert into release.seal (run_id, content) values (sealing, sealed);
    return sealed;
end
$$;
ALTER FUNCTION release.seal_candidates(sealing uuid) OWNER TO motcua_owner;
CREATE FUNCTION release.set_aside(mart_name text, wanted bigint) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
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
$_$;
ALTER FUNCTION release.set_aside(mart_name text, wanted bigint) OWNER TO motcua_owner;
CREATE FUNCTION release.unmet_references() RETURNS TABLE(mart text, column_name text, key text, times bigint)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET work_mem TO '128MB'
    AS $$
declare
    proof text;
begin
    select string_agg(format(
        'select %L, %L, f.%I::text, count(*) from candidate.%I as f where f.%I is not null'
        ' and not exists (select 1 from candidate.%I as t where t.%I = f.%I) group by f.%I',
        declared.mart, declared.column_name, declared.column_name, declared.mart, declared.column_name,
        declared.to_mart, declared.to_column, declared.column_name, declared.column_name
    ), ' union all ' order by declared.mart, declared.column_name) into proof
    from release.mart_reference as declared;
    return query execute coalesce(proof, 'select ''no table'', ''declares a reference'', null::text, 0::bigint');
end
$$;
ALTER FUNCTION release.unmet_references() OWNER TO motcua_owner;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE audit.arrival (
    arrival_id bigint NOT NULL,
    source text NOT NULL,
    stream text NOT NULL,
    office text NOT NULL,
    file_name text NOT NULL,
    file_sha256 text NOT NULL,
    version timestamp with time zone,
    came_at timestamp with time zone NOT NULL,
    delivery_id bigint,
    problem text,
    CONSTRAINT refused_says_why CHECK (((delivery_id IS NOT NULL) OR (problem IS NOT NULL)))
);
ALTER TABLE audit.arrival OWNER TO motcua_owner;
COMMENT ON TABLE audit.arrival IS 'A dropped file as it came: one row for each office, name and bytes, however often a run sees it again.';
COMMENT ON COLUMN audit.arrival.office IS 'The folder it lay in, where the contract says it names the office; else empty.';
COMMENT ON COLUMN audit.arrival.version IS 'The version its name tells; null where the name tells none.';
COMMENT ON COLUMN audit.arrival.came_at IS 'When the file was last written, as its folder says: the earliest of all times it was seen. Never when it landed.';
ALTER TABLE audit.arrival ALTER COLUMN arrival_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME audit.arrival_arrival_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE audit.build (
    build_id bigint NOT NULL,
    run_id uuid NOT NULL,
    basis text NOT NULL,
    standing text NOT NULL,
    upto_delivery bigint NOT NULL,
    as_whole boolean NOT NULL,
    because text,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ended_at timestamp with time zone,
    ended_in xid8,
    tables jsonb,
    inputs jsonb,
    CONSTRAINT whole_says_why CHECK ((as_whole = (because IS NOT NULL)))
);
ALTER TABLE audit.build OWNER TO motcua_owner;
COMMENT ON TABLE audit.build IS 'Each time the models were built: whole and why, or only what deliveries since the last build touched.';
COMMENT ON COLUMN audit.build.basis IS 'SHA-256 over the models, the deployment but for its as-of instants, and the whole lists they read.';
COMMENT ON COLUMN audit.build.standing IS 'SHA-256 over the deliveries that stood, up to upto_delivery.';
COMMENT ON COLUMN audit.build.ended_at IS 'Null where a model or a test failed, or the program ended.';
COMMENT ON COLUMN audit.build.ended_in IS 'The transaction that noted its end: what is younger in its tables was not written by it.';
COMMENT ON COLUMN audit.build.tables IS 'Its tables and the rows in each, as it left them.';
COMMENT ON COLUMN audit.build.inputs IS 'What it read: the SHA-256 of each small table, and of the deliveries of each stream and their order.';
CREATE TABLE audit.build_as_of (
    build_id bigint NOT NULL,
    jurisdiction text NOT NULL,
    as_of timestamp with time zone NOT NULL
);
ALTER TABLE audit.build_as_of OWNER TO motcua_owner;
COMMENT ON TABLE audit.build_as_of IS 'The as-of instant of each jurisdiction in a build.';
ALTER TABLE audit.build ALTER COLUMN build_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME audit.build_build_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE audit.contact (
    contact_id bigint NOT NULL,
    run_id uuid NOT NULL,
    source text NOT NULL,
    stream text NOT NULL,
    answered boolean NOT NULL,
    problem text,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT silence_says_why CHECK ((answered OR (problem IS NOT NULL)))
);
ALTER TABLE audit.contact OWNER TO motcua_owner;
COMMENT ON TABLE audit.contact IS 'Whether a source answered when a run asked it, stream by stream: how old a release is.';
ALTER TABLE audit.contact ALTER COLUMN contact_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME audit.contact_contact_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE audit.delivery (
    delivery_id bigint NOT NULL,
    source text NOT NULL,
    stream text NOT NULL,
    kind text NOT NULL,
    file_sha256 text NOT NULL,
    file_name text NOT NULL,
    bytes bigint NOT NULL,
    version timestamp with time zone NOT NULL,
    version_rule text NOT NULL,
    rows_read bigint NOT NULL,
    rows_landed bigint NOT NULL,
    rows_quarantined bigint NOT NULL,
    landed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    retracted_at timestamp with time zone,
    retracted_because text,
    CONSTRAINT delivery_bytes_check CHECK ((bytes >= 0)),
    CONSTRAINT delivery_file_sha256_check CHECK ((file_sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT delivery_kind_check CHECK ((kind = ANY (ARRAY['full'::text, 'snapshot'::text, 'incremental'::text]))),
    CONSTRAINT delivery_rows_landed_check CHECK ((rows_landed >= 0)),
    CONSTRAINT delivery_rows_quarantined_check CHECK ((rows_quarantined >= 0)),
    CONSTRAINT nothing_lost CHECK ((rows_read = (rows_landed + rows_quarantined))),
    CONSTRAINT only_increments_are_empty CHECK (((rows_read > 0) OR ((rows_read = 0) AND (kind = 'incremental'::text))))
);
ALTER TABLE audit.delivery OWNER TO motcua_owner;
COMMENT ON COLUMN audit.delivery.version IS 'How new the source says the delivery is (never when it landed); ties are decided by file_sha256.';
CREATE TABLE audit.delivery_attempt (
    attempt_id bigint NOT NULL,
    run_id uuid NOT NULL,
    source text NOT NULL,
    stream text NOT NULL,
    file_name text NOT NULL,
    file_sha256 text,
    bytes bigint,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    finished_at timestamp with time zone,
    outcome text DEFAULT 'running'::text NOT NULL,
    problem text,
    message text,
    rows_read bigint DEFAULT 0 NOT NULL,
    rows_landed bigint DEFAULT 0 NOT NULL,
    rows_quarantined bigint DEFAULT 0 NOT NULL,
    delivery_id bigint,
    CONSTRAINT delivery_attempt_outcome_check CHECK ((outcome = ANY (ARRAY['running'::text, 'landed'::text, 'already_landed'::text, 'refused'::text, 'failed'::text, 'interrupted'::text]))),
    CONSTRAINT finished_says_when CHECK (((outcome = 'running'::text) = (finished_at IS NULL))),
    CONSTRAINT landed_has_delivery CHECK (((outcome = ANY (ARRAY['landed'::text, 'already_landed'::text])) = (delivery_id IS NOT NULL))),
    CONSTRAINT nothing_lost CHECK ((rows_read = (rows_landed + rows_quarantined)))
);
ALTER TABLE audit.delivery_attempt OWNER TO motcua_owner;
ALTER TABLE audit.delivery_attempt ALTER COLUMN attempt_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME audit.delivery_attempt_attempt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE audit.delivery ALTER COLUMN delivery_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME audit.delivery_delivery_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE VIEW audit.last_build AS
 SELECT build_id,
    upto_delivery
   FROM audit.build
  WHERE (ended_at IS NOT NULL)
  ORDER BY build_id DESC
 LIMIT 1;
ALTER VIEW audit.last_build OWNER TO motcua_owner;
COMMENT ON VIEW audit.last_build IS 'The build that ended last: what the tables of the transformation hold.';
CREATE VIEW audit.last_build_as_of AS
 SELECT kept.jurisdiction,
    kept.as_of
   FROM (audit.build_as_of kept
     JOIN audit.last_build build ON ((build.build_id = kept.build_id)));
ALTER VIEW audit.last_build_as_of OWNER TO motcua_owner;
COMMENT ON VIEW audit.last_build_as_of IS 'The as-of instants of the build that ended last.';
CREATE TABLE audit.list_state (
    source text NOT NULL,
    stream text NOT NULL,
    version timestamp with time zone NOT NULL,
    delivery_id bigint NOT NULL
);
ALTER TABLE audit.list_state OWNER TO motcua_owner;
COMMENT ON TABLE audit.list_state IS 'Since when, by the source''s clock, a whole list has read as it does: one row each time it began to read otherwise.';
CREATE TABLE audit."position" (
    source text NOT NULL,
    stream text NOT NULL,
    "position" jsonb NOT NULL,
    delivery_id bigint NOT NULL,
    noted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
ALTER TABLE audit."position" OWNER TO motcua_owner;
COMMENT ON TABLE audit."position" IS 'Where the next reading of a stream goes on, in the reader''s words; moves in the transaction that lands the batch.';
CREATE TABLE audit.pseudonym_key (
    only_row boolean DEFAULT true NOT NULL,
    fingerprint text NOT NULL,
    noted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pseudonym_key_fingerprint_check CHECK ((fingerprint ~ '^[0-9a-f]{12}$'::text)),
    CONSTRAINT pseudonym_key_only_row_check CHECK (only_row)
);
ALTER TABLE audit.pseudonym_key OWNER TO motcua_owner;
COMMENT ON TABLE audit.pseudonym_key IS 'Fingerprint of the key under which personal values land here: under two keys, one person would be two.';
CREATE TABLE audit.run (
    run_id uuid DEFAULT gen_random_uuid() NOT NULL,
    deployment text NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    finished_at timestamp with time zone,
    outcome text DEFAULT 'running'::text NOT NULL,
    problem text,
    configuration jsonb NOT NULL,
    dagster_run_id text,
    inputs text,
    release_id bigint,
    CONSTRAINT run_outcome_check CHECK ((outcome = ANY (ARRAY['running'::text, 'published'::text, 'unchanged'::text, 'refused'::text, 'failed'::text, 'interrupted'::text])))
);
ALTER TABLE audit.run OWNER TO motcua_owner;
COMMENT ON COLUMN audit.run.inputs IS 'SHA-256 over everything the candidates follow from: deliveries that stand, deployment, models, checks.';
COMMENT ON COLUMN audit.run.release_id IS 'The release that stood when the run ended well.';
CREATE TABLE audit.schema_state (
    only_row boolean DEFAULT true NOT NULL,
    digest text,
    CONSTRAINT schema_state_only_row_check CHECK (only_row)
);
ALTER TABLE audit.schema_state OWNER TO motcua_owner;
CREATE TABLE raw.boston311__case (
    _delivery_id bigint NOT NULL,
    _row_number bigint NOT NULL,
    _row_sha256 bytea NOT NULL,
    case_enquiry_id text,
    open_dt timestamp with time zone,
    target_dt timestamp with time zone,
    closed_dt timestamp with time zone,
    ontime_status text,
    case_status text,
    subject text,
    reason text,
    type text,
    queue text,
    department text,
    source text,
    neighborhood text
);
ALTER TABLE raw.boston311__case OWNER TO motcua_loader;
CREATE TABLE raw.cartas__change_event (
    _delivery_id bigint NOT NULL,
    _row_number bigint NOT NULL,
    _row_sha256 bytea NOT NULL,
    commit text,
    at timestamp with time zone,
    portal_action text,
    service_id text,
    new_service_id text,
    files jsonb
);
ALTER TABLE raw.cartas__change_event OWNER TO motcua_loader;
CREATE TABLE raw.cartas__service (
    _delivery_id bigint NOT NULL,
    _row_number bigint NOT NULL,
    _row_sha256 bytea NOT NULL,
    service_id text,
    id text,
    db_id text,
    nome text,
    orgao_id text,
    orgao_nome text,
    gratuito boolean,
    servico_digital text,
    tempo_tipo text,
    tempo_max bigint,
    tempo_unidade text,
    canais text,
    etapas bigint,
    blob_sha1 text
);
ALTER TABLE raw.cartas__service OWNER TO motcua_loader;
CREATE TABLE raw.centre__ticket (
    _delivery_id bigint NOT NULL,
    _row_number bigint NOT NULL,
    _row_sha256 bytea NOT NULL,
    visited_on date,
    ticket_number text,
    counter text,
    drawn_at timestamp with time zone,
    called_at timestamp with time zone,
    served_at timestamp with time zone
);
ALTER TABLE raw.centre__ticket OWNER TO motcua_loader;
CREATE TABLE raw.decisions__abolished_procedure (
    _delivery_id bigint NOT NULL,
    _row_number bigint NOT NULL,
    _row_sha256 bytea NOT NULL,
    line_number bigint,
    procedure_code text,
    procedure_name text,
    grounds text,
    field_name text,
    agency_name text
);
ALTER TABLE raw.decisions__abolished_procedure OWNER TO motcua_loader;
CREATE TABLE raw.decisions__amended_procedure (
    _delivery_id bigint NOT NULL,
    _row_number bigint NOT NULL,
    _row_sha256 bytea NOT NULL,
    line_number bigint,
    procedure_code text,
    procedure_name text,
    amendment text,
    new_procedure_code text,
    field_name text,
    agency_name text
);
ALTER TABLE raw.decisions__amended_procedure OWNER TO motcua_loader;
CREATE TABLE raw.decisions__catalogue (
    _delivery_id bigint NOT NULL,
    _row_number bigint NOT NULL,
    _row_sha256 bytea NOT NULL,
    procedure_code text,
    procedure_name text,
    issuer text,
    agency_name text,
    field_name text
);
ALTER TABLE raw.decisions__catalogue OWNER TO motcua_loader;
CREATE TABLE raw.decisions__head (
    _delivery_id bigint NOT NULL,
    _row_number bigint NOT NULL,
    _row_sha256 bytea NOT NULL,
    decision_code text,
    signed_on date,
    effective_on date,
    issuer text,
    summary text
);
ALTER TABLE raw.decisions__head OWNER TO motcua_loader;
CREATE TABLE raw.decisions__new_procedure (
    _delivery_id bigint NOT NULL,
    _row_number bigint NOT NULL,
    _row_sha256 bytea NOT NULL,
    line_number bigint,
    procedure_code text,
    procedure_name text,
    field_name text,
    agency_name text,
    levels text
);
ALTER TABLE raw.decisions__new_procedure OWNER TO motcua_loader;
CREATE TABLE raw.one_stop__csv (
    _delivery_id bigint NOT NULL,
    _row_number bigint NOT NULL,
    _row_sha256 bytea NOT NULL,
    line_number text,
    dossier_code text,
    procedure_name text,
    procedure_code text,
    field_name text,
    applicant_name text,
    applicant_identity text,
    channel text,
    received_at timestamp with time zone,
    due_at timestamp with time zone,
    resolved_at timestamp with time zone,
    status text,
    unit_name text
);
ALTER TABLE raw.one_stop__csv OWNER TO motcua_loader;
CREATE TABLE raw.one_stop__unicode_text (
    _delivery_id bigint NOT NULL,
    _row_number bigint NOT NULL,
    _row_sha256 bytea NOT NULL,
    line_number text,
    dossier_code text,
    procedure_name text,
    procedure_code text,
    field_name text,
    applicant_name text,
    applicant_identity text,
    channel text,
    received_at timestamp with time zone,
    due_at timestamp with time zone,
    resolved_at timestamp with time zone,
    status text,
    unit_name text
);
ALTER TABLE raw.one_stop__unicode_text OWNER TO motcua_loader;
CREATE TABLE raw.one_stop__workbook (
    _delivery_id bigint NOT NULL,
    _row_number bigint NOT NULL,
    _row_sha256 bytea NOT NULL,
    line_number text,
    dossier_code text,
    procedure_name text,
    procedure_code text,
    field_name text,
    applicant_name text,
    applicant_identity text,
    channel text,
    received_at timestamp with time zone,
    due_at timestamp with time zone,
    resolved_at timestamp with time zone,
    status text,
    unit_name text
);
ALTER TABLE raw.one_stop__workbook OWNER TO motcua_loader;
CREATE TABLE raw.portal__agency (
    _delivery_id bigint NOT NULL,
    _row_number bigint NOT NULL,
    _row_sha256 bytea NOT NULL,
    madonvi text,
    tendonvi text,
    capdonvi text
);
ALTER TABLE raw.portal__agency OWNER TO motcua_loader;
CREATE TABLE raw.portal__decision (
    _delivery_id bigint NOT NULL,
    _row_number bigint NOT NULL,
    _row_sha256 bytea NOT NULL,
    soquyetdinh text,
    ngayky timestamp with time zone,
    ngayhieuluc timestamp with time zone,
    coquanbanhanh text,
    sotthc bigint
);
ALTER TABLE raw.portal__decision OWNER TO motcua_loader;
CREATE TABLE raw.portal__dossier (
    _delivery_id bigint NOT NULL,
    _row_number bigint NOT NULL,
    _row_sha256 bytea NOT NULL,
    mahoso text,
    matthc text,
    malinhvuc text,
    kenhthuchien text,
    loaidoituong text,
    ngaynophoso timestamp with time zone,
    ngaytiepnhan timestamp with time zone,
    ngayhentra timestamp with time zone,
    trangthaihoso text,
    ngayketthucxuly timestamp with time zone,
    ngaytra timestamp with time zone,
    ngaytuchoi timestamp with time zone,
    donvixuly text,
    hosocothanhphansohoa text,
    taikhoanduocxacthucvoivneid text,
    duocthanhtoantructuyen text,
    dsketnoicsdl text,
    chuhoso text,
    sogiaytochuhoso text,
    sodienthoai text,
    ngaycapnhat timestamp with time zone
);
ALTER TABLE raw.portal__dossier OWNER TO motcua_loader;
CREATE TABLE raw.portal__procedure (
    _delivery_id bigint NOT NULL,
    _row_number bigint NOT NULL,
    _row_sha256 bytea NOT NULL,
    matthc text,
    tentthc text,
    malinhvuc text,
    tenlinhvuc text,
    capthuchien text,
    idquyetdinhcongbo text,
    trangthai text
);
ALTER TABLE raw.portal__procedure OWNER TO motcua_loader;
CREATE TABLE raw.provincial__day_off (
    _delivery_id bigint NOT NULL,
    _row_number bigint NOT NULL,
    _row_sha256 bytea NOT NULL,
    day_off date,
    description text
);
ALTER TABLE raw.provincial__day_off OWNER TO motcua_loader;
CREATE TABLE raw.provincial__dossier (
    _delivery_id bigint NOT NULL,
    _row_number bigint NOT NULL,
    _row_sha256 bytea NOT NULL,
    mahoso text,
    mahosokhac text,
    donviid bigint,
    kenhthuchien text,
    loaidoituong text,
    matthc text,
    malinhvuc text,
    trangthaihosoid text,
    ngaynophoso timestamp with time zone,
    ngaytiepnhan timestamp with time zone,
    hantiepnhan timestamp with time zone,
    ngayhentra timestamp with time zone,
    ngayhentrabandau timestamp with time zone,
    ngayketthucxuly timestamp with time zone,
    ngaytra timestamp with time zone,
    ngayyeucaubosung timestamp with time zone,
    ngaycongdanbosung timestamp with time zone,
    ngaytuchoi timestamp with time zone,
    thoigianthuchien bigint,
    loaithoigianthuchien text,
    mucdo text,
    dasohoaketqua boolean,
    taisudungdulieusohoa boolean,
    trangthaidongbodvc text,
    sogiaytochuhoso text,
    deletedon timestamp with time zone,
    updatedon timestamp with time zone
);
ALTER TABLE raw.provincial__dossier OWNER TO motcua_loader;
CREATE TABLE raw.provincial__draft (
    _delivery_id bigint NOT NULL,
    _row_number bigint NOT NULL,
    _row_sha256 bytea NOT NULL,
    id bigint,
    mahoso text,
    loaiduthao text,
    ngayduthao timestamp with time zone,
    ngaygui timestamp with time zone,
    ngayhentramoi timestamp with time zone,
    updatedon timestamp with time zone
);
ALTER TABLE raw.provincial__draft OWNER TO motcua_loader;
CREATE TABLE raw.provincial__payment (
    _delivery_id bigint NOT NULL,
    _row_number bigint NOT NULL,
    _row_sha256 bytea NOT NULL,
    id bigint,
    mahoso text,
    sotien bigint,
    hinhthuc text,
    ngaythanhtoan timestamp with time zone,
    updatedon timestamp with time zone
);
ALTER TABLE raw.provincial__payment OWNER TO motcua_loader;
CREATE TABLE raw.provincial__petition (
    _delivery_id bigint NOT NULL,
    _row_number bigint NOT NULL,
    _row_sha256 bytea NOT NULL,
    id bigint,
    mapakn text,
    mahoso text,
    donviid bigint,
    kenhtiepnhan text,
    ngaytiepnhan timestamp with time zone,
    hantraloi timestamp with time zone,
    ngaytraloi timestamp with time zone,
    hailong boolean,
    sodienthoai text,
    updatedon timestamp with time zone
);
ALTER TABLE raw.provincial__petition OWNER TO motcua_loader;
CREATE TABLE raw.provincial__procedure (
    _delivery_id bigint NOT NULL,
    _row_number bigint NOT NULL,
    _row_sha256 bytea NOT NULL,
    matthc text,
    tentthc text,
    malinhvuc text,
    tenlinhvuc text,
    thoigianthuchien bigint,
    loaithoigianthuchien text,
    lienthong text,
    coquytrinhnoibo boolean,
    dichvuthietyeu boolean
);
ALTER TABLE raw.provincial__procedure OWNER TO motcua_loader;
CREATE TABLE raw.provincial__procedure_unit (
    _delivery_id bigint NOT NULL,
    _row_number bigint NOT NULL,
    _row_sha256 bytea NOT NULL,
    matthc text,
    donviid bigint,
    mucdo text
);
ALTER TABLE raw.provincial__procedure_unit OWNER TO motcua_loader;
CREATE TABLE raw.provincial__progress (
    _delivery_id bigint NOT NULL,
    _row_number bigint NOT NULL,
    _row_sha256 bytea NOT NULL,
    id bigint,
    mahoso text,
    thoigian timestamp with time zone,
    trangthai text,
    nodequytrinh text,
    nguoinhan text,
    thoihanbuocxuly bigint,
    ngayhethanbuocxuly timestamp with time zone,
    thaotac text,
    updatedon timestamp with time zone
);
ALTER TABLE raw.provincial__progress OWNER TO motcua_loader;
CREATE TABLE raw.provincial__rating (
    _delivery_id bigint NOT NULL,
    _row_number bigint NOT NULL,
    _row_sha256 bytea NOT NULL,
    id bigint,
    mahoso text,
    mucdohailong text,
    kenhdanhgia text,
    ngaydanhgia timestamp with time zone,
    sodienthoai text,
    updatedon timestamp with time zone
);
ALTER TABLE raw.provincial__rating OWNER TO motcua_loader;
CREATE TABLE raw.provincial__supplement (
    _delivery_id bigint NOT NULL,
    _row_number bigint NOT NULL,
    _row_sha256 bytea NOT NULL,
    id bigint,
    mahoso text,
    ngaybosung timestamp with time zone,
    ngaytiepnhanbosung timestamp with time zone,
    ngayhentratruoc timestamp with time zone,
    ngayhentramoi timestamp with time zone,
    trangthaibosung text,
    deletedon timestamp with time zone,
    updatedon timestamp with time zone
);
ALTER TABLE raw.provincial__supplement OWNER TO motcua_loader;
CREATE TABLE raw.provincial__unit (
    _delivery_id bigint NOT NULL,
    _row_number bigint NOT NULL,
    _row_sha256 bytea NOT NULL,
    id bigint,
    madinhdanh text,
    ten text,
    cap text,
    parentid bigint,
    mahanhchinh text
);
ALTER TABLE raw.provincial__unit OWNER TO motcua_loader;
CREATE TABLE raw.quarantine (
    delivery_id bigint NOT NULL,
    source text NOT NULL,
    stream text NOT NULL,
    file_name text NOT NULL,
    row_number bigint NOT NULL,
    field text NOT NULL,
    value text NOT NULL,
    reason text NOT NULL,
    whole_row boolean DEFAULT true NOT NULL
);
ALTER TABLE raw.quarantine OWNER TO motcua_owner;
COMMENT ON TABLE raw.quarantine IS 'Rows that did not land, and fields that landed null, and why: one line for each field at fault.';
COMMENT ON COLUMN raw.quarantine.whole_row IS 'True when the row did not land; false when it landed with this field null.';
CREATE TABLE reference.calendar (
    calendar text NOT NULL,
    based_on text,
    covered_from date,
    covered_to date
);
ALTER TABLE reference.calendar OWNER TO motcua_owner;
COMMENT ON TABLE reference.calendar IS 'Calendars of the deployment file; based_on names a national one, whose cover holds where this one names none.';
CREATE TABLE reference.calendar_day (
    calendar text NOT NULL,
    day date NOT NULL,
    name text NOT NULL,
    name_vi text NOT NULL
);
ALTER TABLE reference.calendar_day OWNER TO motcua_owner;
COMMENT ON TABLE reference.calendar_day IS 'Days with hours of their own, which stand in calendar_day_hours; without any the day is off.';
CREATE TABLE reference.calendar_day_hours (
    calendar text NOT NULL,
    day date NOT NULL,
    opens text NOT NULL,
    closes text NOT NULL,
    CONSTRAINT calendar_day_hours_check CHECK ((opens < closes))
);
ALTER TABLE reference.calendar_day_hours OWNER TO motcua_owner;
CREATE TABLE reference.calendar_hours (
    calendar text NOT NULL,
    weekday integer NOT NULL,
    opens text NOT NULL,
    closes text NOT NULL,
    effective_from date,
    effective_to date,
    CONSTRAINT calendar_hours_check CHECK ((opens < closes)),
    CONSTRAINT calendar_hours_weekday_check CHECK (((weekday >= 1) AND (weekday <= 7)))
);
ALTER TABLE reference.calendar_hours OWNER TO motcua_owner;
CREATE TABLE reference.cut_off (
    jurisdiction text NOT NULL,
    cut_off timestamp with time zone NOT NULL
);
ALTER TABLE reference.cut_off OWNER TO motcua_owner;
CREATE TABLE reference.expected (
    source text NOT NULL,
    place integer NOT NULL,
    every text NOT NULL,
    per text NOT NULL,
    about text NOT NULL,
    due_minutes integer NOT NULL,
    days_after integer NOT NULL,
    expected_from date,
    CONSTRAINT expected_days_after_check CHECK ((days_after >= 0)),
    CONSTRAINT expected_due_minutes_check CHECK (((due_minutes >= 0) AND (due_minutes <= 1439))),
    CONSTRAINT expected_every_check CHECK ((every = ANY (ARRAY['day'::text, 'working_day'::text, 'week'::text, 'month'::text, 'quarter'::text, 'half_year'::text]))),
    CONSTRAINT expected_per_check CHECK ((per = ANY (ARRAY['source'::text, 'office'::text])))
);
ALTER TABLE reference.expected OWNER TO motcua_owner;
CREATE TABLE reference.expected_level (
    source text NOT NULL,
    place integer NOT NULL,
    level text NOT NULL
);
ALTER TABLE reference.expected_level OWNER TO motcua_owner;
CREATE TABLE reference.expected_stream (
    source text NOT NULL,
    place integer NOT NULL,
    stream text NOT NULL
);
ALTER TABLE reference.expected_stream OWNER TO motcua_owner;
CREATE TABLE reference.jurisdiction (
    jurisdiction text NOT NULL,
    name text NOT NULL,
    name_vi text NOT NULL,
    zone text NOT NULL,
    calendar text,
    as_of timestamp with time zone NOT NULL,
    default_policy text NOT NULL,
    time_rules text,
    day_before_as_of timestamp with time zone
);
ALTER TABLE reference.jurisdiction OWNER TO motcua_owner;
COMMENT ON COLUMN reference.jurisdiction.time_rules IS 'Rule set (working_rule) by which due dates are counted; null where none are.';
COMMENT ON COLUMN reference.jurisdiction.day_before_as_of IS 'The same wall-clock time one local day before as_of.';
CREATE TABLE reference.jurisdiction_policy (
    jurisdiction text NOT NULL,
    policy text NOT NULL
);
ALTER TABLE reference.jurisdiction_policy OWNER TO motcua_owner;
CREATE TABLE reference.label (
    label text NOT NULL,
    en text NOT NULL,
    vi text NOT NULL
);
ALTER TABLE reference.label OWNER TO motcua_owner;
CREATE TABLE reference.period (
    jurisdiction text NOT NULL,
    period text NOT NULL,
    name text NOT NULL,
    name_vi text NOT NULL,
    period_from date NOT NULL,
    period_to date NOT NULL,
    place integer NOT NULL,
    CONSTRAINT period_check CHECK ((period_to > period_from))
);
ALTER TABLE reference.period OWNER TO motcua_owner;
COMMENT ON COLUMN reference.period.period_to IS 'The first day after the period.';
COMMENT ON COLUMN reference.period.place IS 'Its place in the deployment file: the order in which it is shown.';
CREATE TABLE reference.reported_claim (
    jurisdiction text NOT NULL,
    claim text NOT NULL,
    who text NOT NULL,
    reported_on date NOT NULL,
    figure text NOT NULL,
    figure_vi text NOT NULL,
    definition text NOT NULL,
    period_from date NOT NULL,
    period_to date NOT NULL,
    claimed numeric NOT NULL,
    at_least boolean NOT NULL,
    place integer DEFAULT 0 NOT NULL,
    CONSTRAINT reported_claim_check CHECK ((period_to > period_from))
);
ALTER TABLE reference.reported_claim OWNER TO motcua_owner;
COMMENT ON COLUMN reference.reported_claim.place IS 'Its place in the deployment file: the order in which it is shown.';
CREATE TABLE reference.source (
    source text NOT NULL,
    jurisdiction text NOT NULL,
    owner text NOT NULL,
    credit text NOT NULL,
    maximum_age_hours integer
);
ALTER TABLE reference.source OWNER TO motcua_owner;
CREATE TABLE reference.stream (
    source text NOT NULL,
    stream text NOT NULL,
    asked boolean NOT NULL
);
ALTER TABLE reference.stream OWNER TO motcua_owner;
COMMENT ON COLUMN reference.stream.asked IS 'True when a run asks for it: its batches are cut by us, and are no event.';
CREATE TABLE release.check_result (
    run_id uuid NOT NULL,
    name text NOT NULL,
    succeeded boolean NOT NULL,
    message text NOT NULL,
    observed jsonb NOT NULL,
    checked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
ALTER TABLE release.check_result OWNER TO motcua_owner;
CREATE TABLE release.closed_period (
    jurisdiction text NOT NULL,
    period text NOT NULL,
    from_cut_off timestamp with time zone NOT NULL,
    to_cut_off timestamp with time zone NOT NULL,
    release_id bigint NOT NULL,
    verdict text NOT NULL,
    figures jsonb NOT NULL,
    because text NOT NULL,
    closed_for text NOT NULL,
    closed_by text DEFAULT SESSION_USER NOT NULL,
    closed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT closed_period_because_check CHECK ((btrim(because) <> ''::text)),
    CONSTRAINT closed_period_check CHECK ((to_cut_off > from_cut_off)),
    CONSTRAINT closed_period_closed_for_check CHECK ((btrim(closed_for) <> ''::text)),
    CONSTRAINT closed_period_verdict_check CHECK ((verdict = 'pass'::text))
);
ALTER TABLE release.closed_period OWNER TO motcua_owner;
COMMENT ON TABLE release.closed_period IS 'Periods whose published figures are frozen: the release they stand in, by whom, when and why. Rows are only added.';
COMMENT ON COLUMN release.closed_period.figures IS 'By policy and cut-off (from, to) every measure of fct_timeliness, summed as it was published then.';
COMMENT ON COLUMN release.closed_period.closed_for IS 'The person, as the program was told; closed_by is the login.';
CREATE TABLE release.mart (
    name text NOT NULL,
    key_columns text[] NOT NULL,
    columns text[] NOT NULL
);
ALTER TABLE release.mart OWNER TO motcua_owner;
COMMENT ON TABLE release.mart IS 'The tables a release consists of, as the dbt manifest declares them.';
CREATE TABLE release.mart_reference (
    mart text NOT NULL,
    column_name text NOT NULL,
    to_mart text NOT NULL,
    to_column text NOT NULL
);
ALTER TABLE release.mart_reference OWNER TO motcua_owner;
COMMENT ON TABLE release.mart_reference IS 'Columns of published tables that name a row of another one.';
CREATE TABLE release.pointer (
    only_row boolean DEFAULT true NOT NULL,
    release_id bigint NOT NULL,
    verdict text NOT NULL,
    CONSTRAINT pointer_only_row_check CHECK (only_row),
    CONSTRAINT pointer_verdict_check CHECK ((verdict = 'pass'::text))
);
ALTER TABLE release.pointer OWNER TO motcua_owner;
COMMENT ON TABLE release.pointer IS 'The published release. The key and the check together let it name nothing but a release whose verdict is pass.';
CREATE TABLE release.release (
    release_id bigint NOT NULL,
    run_id uuid NOT NULL,
    kind text NOT NULL,
    restores bigint,
    verdict text NOT NULL,
    reasons text[] NOT NULL,
    content jsonb NOT NULL,
    content_sha256 text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_by text DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT failure_says_why CHECK (((verdict = 'fail'::text) = (cardinality(reasons) > 0))),
    CONSTRAINT release_kind_check CHECK ((kind = ANY (ARRAY['publish'::text, 'rollback'::text]))),
    CONSTRAINT release_verdict_check CHECK ((verdict = ANY (ARRAY['pass'::text, 'fail'::text]))),
    CONSTRAINT rollback_names_its_target CHECK (((kind = 'rollback'::text) = (restores IS NOT NULL)))
);
ALTER TABLE release.release OWNER TO motcua_owner;
ALTER TABLE release.release ALTER COLUMN release_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME release.release_release_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE release.required_check (
    name text NOT NULL,
    reason text NOT NULL
);
ALTER TABLE release.required_check OWNER TO motcua_owner;
CREATE TABLE release.seal (
    run_id uuid NOT NULL,
    content jsonb NOT NULL,
    sealed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
ALTER TABLE release.seal OWNER TO motcua_owner;
COMMENT ON TABLE release.seal IS 'What the candidates held when the checks began: for each table its columns, rows and hash.';
ALTER TABLE ONLY audit.arrival
    ADD CONSTRAINT arrival_pkey PRIMARY KEY (arrival_id);
ALTER TABLE ONLY audit.arrival
    ADD CONSTRAINT arrival_source_stream_office_file_name_file_sha256_key UNIQUE (source, stream, office, file_name, file_sha256);
ALTER TABLE ONLY audit.build_as_of
    ADD CONSTRAINT build_as_of_pkey PRIMARY KEY (build_id, jurisdiction);
ALTER TABLE ONLY audit.build
    ADD CONSTRAINT build_pkey PRIMARY KEY (build_id);
ALTER TABLE ONLY audit.contact
    ADD CONSTRAINT contact_pkey PRIMARY KEY (contact_id);
ALTER TABLE ONLY audit.delivery_attempt
    ADD CONSTRAINT delivery_attempt_pkey PRIMARY KEY (attempt_id);
ALTER TABLE ONLY audit.delivery
    ADD CONSTRAINT delivery_pkey PRIMARY KEY (delivery_id);
ALTER TABLE ONLY audit.delivery
    ADD CONSTRAINT delivery_source_stream_file_sha256_version_key UNIQUE (source, stream, file_sha256, version);
ALTER TABLE ONLY audit.list_state
    ADD CONSTRAINT list_state_pkey PRIMARY KEY (source, stream, version);
ALTER TABLE ONLY audit."position"
    ADD CONSTRAINT position_pkey PRIMARY KEY (source, stream);
ALTER TABLE ONLY audit.pseudonym_key
    ADD CONSTRAINT pseudonym_key_pkey PRIMARY KEY (only_row);
ALTER TABLE ONLY audit.run
    ADD CONSTRAINT run_pkey PRIMARY KEY (run_id);
ALTER TABLE ONLY audit.schema_state
    ADD CONSTRAINT schema_state_pkey PRIMARY KEY (only_row);
ALTER TABLE ONLY reference.calendar_day_hours
    ADD CONSTRAINT calendar_day_hours_pkey PRIMARY KEY (calendar, day, opens);
ALTER TABLE ONLY reference.calendar_day
    ADD CONSTRAINT calendar_day_pkey PRIMARY KEY (calendar, day);
ALTER TABLE ONLY reference.calendar
    ADD CONSTRAINT calendar_pkey PRIMARY KEY (calendar);
ALTER TABLE ONLY reference.cut_off
    ADD CONSTRAINT cut_off_pkey PRIMARY KEY (jurisdiction, cut_off);
ALTER TABLE ONLY reference.expected_level
    ADD CONSTRAINT expected_level_pkey PRIMARY KEY (source, place, level);
ALTER TABLE ONLY reference.expected
    ADD CONSTRAINT expected_pkey PRIMARY KEY (source, place);
ALTER TABLE ONLY reference.expected_stream
    ADD CONSTRAINT expected_stream_pkey PRIMARY KEY (source, place, stream);
ALTER TABLE ONLY reference.jurisdiction
    ADD CONSTRAINT jurisdiction_pkey PRIMARY KEY (jurisdiction);
ALTER TABLE ONLY reference.jurisdiction_policy
    ADD CONSTRAINT jurisdiction_policy_pkey PRIMARY KEY (jurisdiction, policy);
ALTER TABLE ONLY reference.label
    ADD CONSTRAINT label_pkey PRIMARY KEY (label);
ALTER TABLE ONLY reference.period
    ADD CONSTRAINT period_pkey PRIMARY KEY (jurisdiction, period);
ALTER TABLE ONLY reference.reported_claim
    ADD CONSTRAINT reported_claim_pkey PRIMARY KEY (jurisdiction, claim);
ALTER TABLE ONLY reference.source
    ADD CONSTRAINT source_pkey PRIMARY KEY (source);
ALTER TABLE ONLY reference.stream
    ADD CONSTRAINT stream_pkey PRIMARY KEY (source, stream);
ALTER TABLE ONLY release.check_result
    ADD CONSTRAINT check_result_pkey PRIMARY KEY (run_id, name);
ALTER TABLE ONLY release.closed_period
    ADD CONSTRAINT closed_period_pkey PRIMARY KEY (jurisdiction, period);
ALTER TABLE ONLY release.mart
    ADD CONSTRAINT mart_pkey PRIMARY KEY (name);
ALTER TABLE ONLY release.mart_reference
    ADD CONSTRAINT mart_reference_pkey PRIMARY KEY (mart, column_name);
ALTER TABLE ONLY release.pointer
    ADD CONSTRAINT pointer_pkey PRIMARY KEY (only_row);
ALTER TABLE ONLY release.release
    ADD CONSTRAINT release_pkey PRIMARY KEY (release_id);
ALTER TABLE ONLY release.release
    ADD CONSTRAINT release_release_id_verdict_key UNIQUE (release_id, verdict);
ALTER TABLE ONLY release.required_check
    ADD CONSTRAINT required_check_pkey PRIMARY KEY (name);
ALTER TABLE ONLY release.seal
    ADD CONSTRAINT seal_pkey PRIMARY KEY (run_id);
CREATE UNIQUE INDEX calendar_hours_once ON reference.calendar_hours USING btree (calendar, weekday, opens, COALESCE(effective_from, '-infinity'::date));
CREATE TRIGGER pointer_is_never_removed BEFORE DELETE OR TRUNCATE ON release.pointer FOR EACH STATEMENT EXECUTE FUNCTION release.refuse_change();
CREATE TRIGGER rows_are_evidence BEFORE DELETE OR UPDATE OR TRUNCATE ON release.check_result FOR EACH STATEMENT EXECUTE FUNCTION release.refuse_change();
CREATE TRIGGER rows_are_evidence BEFORE DELETE OR UPDATE OR TRUNCATE ON release.closed_period FOR EACH STATEMENT EXECUTE FUNCTION release.refuse_change();
CREATE TRIGGER rows_are_evidence BEFORE DELETE OR UPDATE OR TRUNCATE ON release.release FOR EACH STATEMENT EXECUTE FUNCTION release.refuse_change();
CREATE TRIGGER rows_are_evidence BEFORE DELETE OR UPDATE OR TRUNCATE ON release.seal FOR EACH STATEMENT EXECUTE FUNCTION release.refuse_change();
ALTER TABLE ONLY audit.arrival
    ADD CONSTRAINT arrival_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES audit.delivery(delivery_id);
ALTER TABLE ONLY audit.build_as_of
    ADD CONSTRAINT build_as_of_build_id_fkey FOREIGN KEY (build_id) REFERENCES audit.build(build_id);
ALTER TABLE ONLY audit.build
    ADD CONSTRAINT build_run_id_fkey FOREIGN KEY (run_id) REFERENCES audit.run(run_id);
ALTER TABLE ONLY audit.contact
    ADD CONSTRAINT contact_run_id_fkey FOREIGN KEY (run_id) REFERENCES audit.run(run_id);
ALTER TABLE ONLY audit.delivery_attempt
    ADD CONSTRAINT delivery_attempt_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES audit.delivery(delivery_id);
ALTER TABLE ONLY audit.delivery_attempt
    ADD CONSTRAINT delivery_attempt_run_id_fkey FOREIGN KEY (run_id) REFERENCES audit.run(run_id);
ALTER TABLE ONLY audit.list_state
    ADD CONSTRAINT list_state_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES audit.delivery(delivery_id);
ALTER TABLE ONLY audit."position"
    ADD CONSTRAINT position_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES audit.delivery(delivery_id);
ALTER TABLE ONLY reference.calendar_day
    ADD CONSTRAINT calendar_day_calendar_fkey FOREIGN KEY (calendar) REFERENCES reference.calendar(calendar) ON DELETE CASCADE;
ALTER TABLE ONLY reference.calendar_day_hours
    ADD CONSTRAINT calendar_day_hours_calendar_day_fkey FOREIGN KEY (calendar, day) REFERENCES reference.calendar_day(calendar, day) ON DELETE CASCADE;
ALTER TABLE ONLY reference.calendar_hours
    ADD CONSTRAINT calendar_hours_calendar_fkey FOREIGN KEY (calendar) REFERENCES reference.calendar(calendar) ON DELETE CASCADE;
ALTER TABLE ONLY reference.cut_off
    ADD CONSTRAINT cut_off_jurisdiction_fkey FOREIGN KEY (jurisdiction) REFERENCES reference.jurisdiction(jurisdiction) ON DELETE CASCADE;
ALTER TABLE ONLY reference.expected_level
    ADD CONSTRAINT expected_level_source_place_fkey FOREIGN KEY (source, place) REFERENCES reference.expected(source, place) ON DELETE CASCADE;
ALTER TABLE ONLY reference.expected
    ADD CONSTRAINT expected_source_fkey FOREIGN KEY (source) REFERENCES reference.source(source) ON DELETE CASCADE;
ALTER TABLE ONLY reference.expected_stream
    ADD CONSTRAINT expected_stream_source_place_fkey FOREIGN KEY (source, place) REFERENCES reference.expected(source, place) ON DELETE CASCADE;
ALTER TABLE ONLY reference.jurisdiction_policy
    ADD CONSTRAINT jurisdiction_policy_jurisdiction_fkey FOREIGN KEY (jurisdiction) REFERENCES reference.jurisdiction(jurisdiction) ON DELETE CASCADE;
ALTER TABLE ONLY reference.period
    ADD CONSTRAINT period_jurisdiction_fkey FOREIGN KEY (jurisdiction) REFERENCES reference.jurisdiction(jurisdiction) ON DELETE CASCADE;
ALTER TABLE ONLY reference.reported_claim
    ADD CONSTRAINT reported_claim_jurisdiction_fkey FOREIGN KEY (jurisdiction) REFERENCES reference.jurisdiction(jurisdiction) ON DELETE CASCADE;
ALTER TABLE ONLY reference.source
    ADD CONSTRAINT source_jurisdiction_fkey FOREIGN KEY (jurisdiction) REFERENCES reference.jurisdiction(jurisdiction) ON DELETE CASCADE;
ALTER TABLE ONLY reference.stream
    ADD CONSTRAINT stream_source_fkey FOREIGN KEY (source) REFERENCES reference.source(source) ON DELETE CASCADE;
ALTER TABLE ONLY release.check_result
    ADD CONSTRAINT check_result_run_id_fkey FOREIGN KEY (run_id) REFERENCES audit.run(run_id);
ALTER TABLE ONLY release.closed_period
    ADD CONSTRAINT closed_period_release_id_verdict_fkey FOREIGN KEY (release_id, verdict) REFERENCES release.release(release_id, verdict);
ALTER TABLE ONLY release.mart_reference
    ADD CONSTRAINT mart_reference_mart_fkey FOREIGN KEY (mart) REFERENCES release.mart(name) ON DELETE CASCADE;
ALTER TABLE ONLY release.mart_reference
    ADD CONSTRAINT mart_reference_to_mart_fkey FOREIGN KEY (to_mart) REFERENCES release.mart(name) ON DELETE CASCADE;
ALTER TABLE ONLY release.pointer
    ADD CONSTRAINT pointer_release_id_verdict_fkey FOREIGN KEY (release_id, verdict) REFERENCES release.release(release_id, verdict);
ALTER TABLE ONLY release.release
    ADD CONSTRAINT release_restores_fkey FOREIGN KEY (restores) REFERENCES release.release(release_id);
ALTER TABLE ONLY release.release
    ADD CONSTRAINT release_run_id_fkey FOREIGN KEY (run_id) REFERENCES audit.run(run_id);
ALTER TABLE ONLY release.seal
    ADD CONSTRAINT seal_run_id_fkey FOREIGN KEY (run_id) REFERENCES audit.run(run_id);
GRANT USAGE ON SCHEMA audit TO motcua_loader;
GRANT USAGE ON SCHEMA audit TO motcua_transformer;
GRANT USAGE ON SCHEMA audit TO motcua_checker;
GRANT USAGE ON SCHEMA audit TO motcua_publisher;
GRANT USAGE ON SCHEMA audit TO motcua_inspector;
GRANT USAGE ON SCHEMA candidate TO motcua_checker;
GRANT USAGE ON SCHEMA history TO motcua_inspector;
GRANT USAGE ON SCHEMA intermediate TO motcua_checker;
GRANT USAGE ON SCHEMA marts TO motcua_transformer;
GRANT USAGE ON SCHEMA marts TO motcua_checker;
GRANT USAGE ON SCHEMA marts TO motcua_inspector;
GRANT USAGE ON SCHEMA marts TO motcua_bi;
REVOKE USAGE ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA raw TO motcua_loader;
GRANT USAGE ON SCHEMA raw TO motcua_transformer;
GRANT USAGE ON SCHEMA reference TO motcua_loader;
GRANT USAGE ON SCHEMA reference TO motcua_transformer;
GRANT USAGE ON SCHEMA reference TO motcua_checker;
GRANT USAGE ON SCHEMA reference TO motcua_inspector;
GRANT USAGE ON SCHEMA release TO motcua_loader;
GRANT USAGE ON SCHEMA release TO motcua_transformer;
GRANT USAGE ON SCHEMA release TO motcua_checker;
GRANT USAGE ON SCHEMA release TO motcua_publisher;
GRANT USAGE ON SCHEMA release TO motcua_inspector;
GRANT USAGE ON SCHEMA staging TO motcua_checker;
REVOKE ALL ON FUNCTION release.close_period(body text, name text, from_cut_off timestamp with time zone, to_cut_off timestamp with time zone, why text, person text) FROM PUBLIC;
GRANT ALL ON FUNCTION release.close_period(body text, name text, from_cut_off timestamp with time zone, to_cut_off timestamp with time zone, why text, person text) TO motcua_publisher;
REVOKE ALL ON FUNCTION release.content_of(relations jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION release.content_sha256(content jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION release.figures_at(body text, cut_off timestamp with time zone) FROM PUBLIC;
REVOKE ALL ON FUNCTION release.guard_history(mart text) FROM PUBLIC;
REVOKE ALL ON FUNCTION release.hold_candidates() FROM PUBLIC;
REVOKE ALL ON FUNCTION release.keep_closed_periods() FROM PUBLIC;
REVOKE ALL ON FUNCTION release.publish(publishing uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION release.publish(publishing uuid) TO motcua_publisher;
REVOKE ALL ON FUNCTION release.reasons_against(judged uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION release.refuse_change() FROM PUBLIC;
REVOKE ALL ON FUNCTION release.relations_in(schema_name text) FROM PUBLIC;
REVOKE ALL ON FUNCTION release.replace_rows(new_release bigint, sources jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION release.rollback(rolling uuid, target bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION release.rollback(rolling uuid, target bigint) TO motcua_publisher;
REVOKE ALL ON FUNCTION release.seal_candidates(sealing uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION release.seal_candidates(sealing uuid) TO motcua_transformer;
REVOKE ALL ON FUNCTION release.set_aside(mart_name text, wanted bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION release.unmet_references() FROM PUBLIC;
GRANT ALL ON FUNCTION release.unmet_references() TO motcua_checker;
GRANT SELECT,INSERT,UPDATE ON TABLE audit.arrival TO motcua_loader;
GRANT SELECT ON TABLE audit.arrival TO motcua_transformer;
GRANT SELECT ON TABLE audit.arrival TO motcua_checker;
GRANT SELECT ON TABLE audit.arrival TO motcua_publisher;
GRANT SELECT ON TABLE audit.arrival TO motcua_inspector;
GRANT USAGE ON SEQUENCE audit.arrival_arrival_id_seq TO motcua_loader;
GRANT SELECT,INSERT,UPDATE ON TABLE audit.build TO motcua_loader;
GRANT SELECT ON TABLE audit.build TO motcua_transformer;
GRANT SELECT ON TABLE audit.build TO motcua_checker;
GRANT SELECT ON TABLE audit.build TO motcua_publisher;
GRANT SELECT ON TABLE audit.build TO motcua_inspector;
GRANT SELECT,INSERT ON TABLE audit.build_as_of TO motcua_loader;
GRANT SELECT ON TABLE audit.build_as_of TO motcua_transformer;
GRANT SELECT ON TABLE audit.build_as_of TO motcua_checker;
GRANT SELECT ON TABLE audit.build_as_of TO motcua_publisher;
GRANT SELECT ON TABLE audit.build_as_of TO motcua_inspector;
GRANT USAGE ON SEQUENCE audit.build_build_id_seq TO motcua_loader;
GRANT SELECT,INSERT ON TABLE audit.contact TO motcua_loader;
GRANT SELECT ON TABLE audit.contact TO motcua_transformer;
GRANT SELECT ON TABLE audit.contact TO motcua_checker;
GRANT SELECT ON TABLE audit.contact TO motcua_publisher;
GRANT SELECT ON TABLE audit.contact TO motcua_inspector;
GRANT USAGE ON SEQUENCE audit.contact_contact_id_seq TO motcua_loader;
GRANT SELECT,INSERT,UPDATE ON TABLE audit.delivery TO motcua_loader;
GRANT SELECT ON TABLE audit.delivery TO motcua_transformer;
GRANT SELECT ON TABLE audit.delivery TO motcua_checker;
GRANT SELECT ON TABLE audit.delivery TO motcua_publisher;
GRANT SELECT ON TABLE audit.delivery TO motcua_inspector;
GRANT SELECT,INSERT,UPDATE ON TABLE audit.delivery_attempt TO motcua_loader;
GRANT SELECT ON TABLE audit.delivery_attempt TO motcua_transformer;
GRANT SELECT ON TABLE audit.delivery_attempt TO motcua_checker;
GRANT SELECT ON TABLE audit.delivery_attempt TO motcua_publisher;
GRANT SELECT ON TABLE audit.delivery_attempt TO motcua_inspector;
GRANT USAGE ON SEQUENCE audit.delivery_attempt_attempt_id_seq TO motcua_loader;
GRANT USAGE ON SEQUENCE audit.delivery_delivery_id_seq TO motcua_loader;
GRANT SELECT ON TABLE audit.last_build TO motcua_loader;
GRANT SELECT ON TABLE audit.last_build TO motcua_transformer;
GRANT SELECT ON TABLE audit.last_build TO motcua_checker;
GRANT SELECT ON TABLE audit.last_build TO motcua_publisher;
GRANT SELECT ON TABLE audit.last_build TO motcua_inspector;
GRANT SELECT ON TABLE audit.last_build_as_of TO motcua_loader;
GRANT SELECT ON TABLE audit.last_build_as_of TO motcua_transformer;
GRANT SELECT ON TABLE audit.last_build_as_of TO motcua_checker;
GRANT SELECT ON TABLE audit.last_build_as_of TO motcua_publisher;
GRANT SELECT ON TABLE audit.last_build_as_of TO motcua_inspector;
GRANT SELECT,INSERT ON TABLE audit.list_state TO motcua_loader;
GRANT SELECT ON TABLE audit.list_state TO motcua_transformer;
GRANT SELECT ON TABLE audit.list_state TO motcua_checker;
GRANT SELECT ON TABLE audit.list_state TO motcua_publisher;
GRANT SELECT ON TABLE audit.list_state TO motcua_inspector;
GRANT SELECT,INSERT,UPDATE ON TABLE audit."position" TO motcua_loader;
GRANT SELECT ON TABLE audit."position" TO motcua_transformer;
GRANT SELECT ON TABLE audit."position" TO motcua_checker;
GRANT SELECT ON TABLE audit."position" TO motcua_publisher;
GRANT SELECT ON TABLE audit."position" TO motcua_inspector;
GRANT SELECT,INSERT ON TABLE audit.pseudonym_key TO motcua_loader;
GRANT SELECT ON TABLE audit.pseudonym_key TO motcua_transformer;
GRANT SELECT ON TABLE audit.pseudonym_key TO motcua_checker;
GRANT SELECT ON TABLE audit.pseudonym_key TO motcua_publisher;
GRANT SELECT ON TABLE audit.pseudonym_key TO motcua_inspector;
GRANT SELECT,INSERT,UPDATE ON TABLE audit.run TO motcua_loader;
GRANT SELECT ON TABLE audit.run TO motcua_transformer;
GRANT SELECT ON TABLE audit.run TO motcua_checker;
GRANT SELECT ON TABLE audit.run TO motcua_publisher;
GRANT SELECT ON TABLE audit.run TO motcua_inspector;
GRANT SELECT ON TABLE raw.boston311__case TO motcua_transformer;
GRANT SELECT ON TABLE raw.cartas__change_event TO motcua_transformer;
GRANT SELECT ON TABLE raw.cartas__service TO motcua_transformer;
GRANT SELECT ON TABLE raw.centre__ticket TO motcua_transformer;
GRANT SELECT ON TABLE raw.decisions__abolished_procedure TO motcua_transformer;
GRANT SELECT ON TABLE raw.decisions__amended_procedure TO motcua_transformer;
GRANT SELECT ON TABLE raw.decisions__catalogue TO motcua_transformer;
GRANT SELECT ON TABLE raw.decisions__head TO motcua_transformer;
GRANT SELECT ON TABLE raw.decisions__new_procedure TO motcua_transformer;
GRANT SELECT ON TABLE raw.one_stop__csv TO motcua_transformer;
GRANT SELECT ON TABLE raw.one_stop__unicode_text TO motcua_transformer;
GRANT SELECT ON TABLE raw.one_stop__workbook TO motcua_transformer;
GRANT SELECT ON TABLE raw.portal__agency TO motcua_transformer;
GRANT SELECT ON TABLE raw.portal__decision TO motcua_transformer;
GRANT SELECT ON TABLE raw.portal__dossier TO motcua_transformer;
GRANT SELECT ON TABLE raw.portal__procedure TO motcua_transformer;
GRANT SELECT ON TABLE raw.provincial__day_off TO motcua_transformer;
GRANT SELECT ON TABLE raw.provincial__dossier TO motcua_transformer;
GRANT SELECT ON TABLE raw.provincial__draft TO motcua_transformer;
GRANT SELECT ON TABLE raw.provincial__payment TO motcua_transformer;
GRANT SELECT ON TABLE raw.provincial__petition TO motcua_transformer;
GRANT SELECT ON TABLE raw.provincial__procedure TO motcua_transformer;
GRANT SELECT ON TABLE raw.provincial__procedure_unit TO motcua_transformer;
GRANT SELECT ON TABLE raw.provincial__progress TO motcua_transformer;
GRANT SELECT ON TABLE raw.provincial__rating TO motcua_transformer;
GRANT SELECT ON TABLE raw.provincial__supplement TO motcua_transformer;
GRANT SELECT ON TABLE raw.provincial__unit TO motcua_transformer;
GRANT SELECT,INSERT ON TABLE raw.quarantine TO motcua_loader;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reference.calendar TO motcua_loader;
GRANT SELECT ON TABLE reference.calendar TO motcua_transformer;
GRANT SELECT ON TABLE reference.calendar TO motcua_checker;
GRANT SELECT ON TABLE reference.calendar TO motcua_inspector;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reference.calendar_day TO motcua_loader;
GRANT SELECT ON TABLE reference.calendar_day TO motcua_transformer;
GRANT SELECT ON TABLE reference.calendar_day TO motcua_checker;
GRANT SELECT ON TABLE reference.calendar_day TO motcua_inspector;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reference.calendar_day_hours TO motcua_loader;
GRANT SELECT ON TABLE reference.calendar_day_hours TO motcua_transformer;
GRANT SELECT ON TABLE reference.calendar_day_hours TO motcua_checker;
GRANT SELECT ON TABLE reference.calendar_day_hours TO motcua_inspector;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reference.calendar_hours TO motcua_loader;
GRANT SELECT ON TABLE reference.calendar_hours TO motcua_transformer;
GRANT SELECT ON TABLE reference.calendar_hours TO motcua_checker;
GRANT SELECT ON TABLE reference.calendar_hours TO motcua_inspector;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reference.cut_off TO motcua_loader;
GRANT SELECT ON TABLE reference.cut_off TO motcua_transformer;
GRANT SELECT ON TABLE reference.cut_off TO motcua_checker;
GRANT SELECT ON TABLE reference.cut_off TO motcua_inspector;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reference.expected TO motcua_loader;
GRANT SELECT ON TABLE reference.expected TO motcua_transformer;
GRANT SELECT ON TABLE reference.expected TO motcua_checker;
GRANT SELECT ON TABLE reference.expected TO motcua_inspector;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reference.expected_level TO motcua_loader;
GRANT SELECT ON TABLE reference.expected_level TO motcua_transformer;
GRANT SELECT ON TABLE reference.expected_level TO motcua_checker;
GRANT SELECT ON TABLE reference.expected_level TO motcua_inspector;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reference.expected_stream TO motcua_loader;
GRANT SELECT ON TABLE reference.expected_stream TO motcua_transformer;
GRANT SELECT ON TABLE reference.expected_stream TO motcua_checker;
GRANT SELECT ON TABLE reference.expected_stream TO motcua_inspector;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reference.jurisdiction TO motcua_loader;
GRANT SELECT ON TABLE reference.jurisdiction TO motcua_transformer;
GRANT SELECT ON TABLE reference.jurisdiction TO motcua_checker;
GRANT SELECT ON TABLE reference.jurisdiction TO motcua_inspector;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reference.jurisdiction_policy TO motcua_loader;
GRANT SELECT ON TABLE reference.jurisdiction_policy TO motcua_transformer;
GRANT SELECT ON TABLE reference.jurisdiction_policy TO motcua_checker;
GRANT SELECT ON TABLE reference.jurisdiction_policy TO motcua_inspector;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reference.label TO motcua_loader;
GRANT SELECT ON TABLE reference.label TO motcua_transformer;
GRANT SELECT ON TABLE reference.label TO motcua_checker;
GRANT SELECT ON TABLE reference.label TO motcua_inspector;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reference.period TO motcua_loader;
GRANT SELECT ON TABLE reference.period TO motcua_transformer;
GRANT SELECT ON TABLE reference.period TO motcua_checker;
GRANT SELECT ON TABLE reference.period TO motcua_inspector;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reference.reported_claim TO motcua_loader;
GRANT SELECT ON TABLE reference.reported_claim TO motcua_transformer;
GRANT SELECT ON TABLE reference.reported_claim TO motcua_checker;
GRANT SELECT ON TABLE reference.reported_claim TO motcua_inspector;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reference.source TO motcua_loader;
GRANT SELECT ON TABLE reference.source TO motcua_transformer;
GRANT SELECT ON TABLE reference.source TO motcua_checker;
GRANT SELECT ON TABLE reference.source TO motcua_inspector;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE reference.stream TO motcua_loader;
GRANT SELECT ON TABLE reference.stream TO motcua_transformer;
GRANT SELECT ON TABLE reference.stream TO motcua_checker;
GRANT SELECT ON TABLE reference.stream TO motcua_inspector;
GRANT SELECT ON TABLE release.check_result TO motcua_loader;
GRANT SELECT ON TABLE release.check_result TO motcua_transformer;
GRANT SELECT,INSERT ON TABLE release.check_result TO motcua_checker;
GRANT SELECT ON TABLE release.check_result TO motcua_publisher;
GRANT SELECT ON TABLE release.check_result TO motcua_inspector;
GRANT SELECT ON TABLE release.closed_period TO motcua_loader;
GRANT SELECT ON TABLE release.closed_period TO motcua_transformer;
GRANT SELECT ON TABLE release.closed_period TO motcua_checker;
GRANT SELECT ON TABLE release.closed_period TO motcua_publisher;
GRANT SELECT ON TABLE release.closed_period TO motcua_inspector;
GRANT SELECT ON TABLE release.mart TO motcua_loader;
GRANT SELECT ON TABLE release.mart TO motcua_transformer;
GRANT SELECT ON TABLE release.mart TO motcua_checker;
GRANT SELECT ON TABLE release.mart TO motcua_publisher;
GRANT SELECT ON TABLE release.mart TO motcua_inspector;
GRANT SELECT ON TABLE release.mart_reference TO motcua_loader;
GRANT SELECT ON TABLE release.mart_reference TO motcua_transformer;
GRANT SELECT ON TABLE release.mart_reference TO motcua_checker;
GRANT SELECT ON TABLE release.mart_reference TO motcua_publisher;
GRANT SELECT ON TABLE release.mart_reference TO motcua_inspector;
GRANT SELECT ON TABLE release.pointer TO motcua_loader;
GRANT SELECT ON TABLE release.pointer TO motcua_transformer;
GRANT SELECT ON TABLE release.pointer TO motcua_checker;
GRANT SELECT ON TABLE release.pointer TO motcua_publisher;
GRANT SELECT ON TABLE release.pointer TO motcua_inspector;
GRANT SELECT ON TABLE release.release TO motcua_loader;
GRANT SELECT ON TABLE release.release TO motcua_transformer;
GRANT SELECT ON TABLE release.release TO motcua_checker;
GRANT SELECT ON TABLE release.release TO motcua_publisher;
GRANT SELECT ON TABLE release.release TO motcua_inspector;
GRANT SELECT ON TABLE release.required_check TO motcua_loader;
GRANT SELECT ON TABLE release.required_check TO motcua_transformer;
GRANT SELECT ON TABLE release.required_check TO motcua_checker;
GRANT SELECT ON TABLE release.required_check TO motcua_publisher;
GRANT SELECT ON TABLE release.required_check TO motcua_inspector;
GRANT SELECT ON TABLE release.seal TO motcua_loader;
GRANT SELECT ON TABLE release.seal TO motcua_transformer;
GRANT SELECT ON TABLE release.seal TO motcua_checker;
GRANT SELECT ON TABLE release.seal TO motcua_publisher;
GRANT SELECT ON TABLE release.seal TO motcua_inspector;
ALTER DEFAULT PRIVILEGES FOR ROLE motcua_transformer IN SCHEMA candidate GRANT SELECT ON TABLES TO motcua_checker;
ALTER DEFAULT PRIVILEGES FOR ROLE motcua_transformer IN SCHEMA intermediate GRANT SELECT ON TABLES TO motcua_checker;
ALTER DEFAULT PRIVILEGES FOR ROLE motcua_transformer IN SCHEMA staging GRANT SELECT ON TABLES TO motcua_checker;
