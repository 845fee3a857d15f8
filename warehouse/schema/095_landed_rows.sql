-- From dossiers to the rows that landed: system, file, row, hash, delivery, run.
set role motcua_owner;

create or replace function audit.landed_rows(dossiers text[], in_release bigint, with_steps boolean default true)
returns table (
    dossier_key text, place integer, role text, system text, code text, says jsonb, source text, stream text,
    file_name text, file_sha256 text, row_number bigint, row_sha256 text, delivery_id bigint, version timestamptz,
    landed_at timestamptz, retracted_because text, run_id uuid
)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
-- The rows that tell of dossiers, of all systems, as they stood in a release that is kept: first the one that speaks for the
-- dossier, then its records, then events and steps that no record tells. What brought each file is told as the ledger knew it
-- when the release was made: the same bytes may have been read again since. With its caller's rights.
declare
    standing constant bigint := (select pointer.release_id from release.pointer as pointer);
    asked_for constant bigint := coalesce(in_release, standing);
    room constant text := case when asked_for is distinct from standing then 'marts_as_of' else 'marts' end;
    asked_before constant text := current_setting('motcua.release', true);
begin
    perform set_config('motcua.release', coalesce(asked_for::text, ''), true);
    return query execute format($query$
        with own as (
            select d.dossier_key, d.source, d.dossier_code, d.file_sha256, d.row_number, d.row_sha256
            from %1$I.fct_dossier as d where d.dossier_key = any($1)
        ),
        record as (
            select * from %1$I.fct_dossier_record as r where r.dossier_key = any($1)
        ),
        told as (
            select
                o.dossier_key, 0 as place, 'record' as role, o.source as system, o.dossier_code as code,
                '{}'::jsonb as says, o.source, o.file_sha256, o.row_number, o.row_sha256
            from own as o
            where not exists (
                select from record as r
                where r.dossier_key = o.dossier_key and r.file_sha256 = o.file_sha256 and r.row_number = o.row_number
            )
            union all
            select
                r.dossier_key, case when o.dossier_key is null then 1 else 0 end, 'record', r.system, r.record_code,
                jsonb_build_object(
                    'identified_by', r.identified_by, 'status', r.status, 'received_at', r.received_at,
                    'due_at', r.due_at, 'resolved_at', r.resolved_at
                ), null, r.file_sha256, r.row_number, r.row_sha256
            from record as r
            left join own as o
                on o.dossier_key = r.dossier_key and o.file_sha256 = r.file_sha256 and o.row_number = r.row_number
            union all
            select
                e.dossier_key, 2, 'event', e.source, e.event, jsonb_build_object('happened_at', e.happened_at), e.source,
                e.file_sha256, e.row_number, null
            from %1$I.fct_dossier_event as e
            where e.dossier_key = any($1) and not exists (
                select from own as o
                where o.dossier_key = e.dossier_key and o.file_sha256 = e.file_sha256 and o.row_number = e.row_number
            )
            union all
            select
                s.dossier_key, 3, 'step', s.source, coalesce(s.workflow_step, s.act, ''),
                jsonb_build_object('started_at', s.started_at, 'ended_at', s.ended_at), s.source, s.file_sha256,
                s.row_number, null
            from %1$I.fct_dossier_step as s where $3 and s.dossier_key = any($1)
        ),
        -- One file may have been delivered to several streams: what tells of events is not what holds dossiers.
        brought as (
            select distinct on (f.file_sha256, f.apart)
                f.file_sha256, f.apart, l.source, l.stream, l.file_name, l.delivery_id, l.version, l.landed_at,
                l.retracted_because, a.run_id
            from (select distinct t.file_sha256, t.role <> 'record' as apart from told as t) as f
            inner join audit.delivery as l on l.file_sha256 = f.file_sha256
            left join audit.delivery_attempt as a on a.delivery_id = l.delivery_id and a.outcome = 'landed'
            order by
                f.file_sha256, f.apart,
                (l.stream in ('supplement', 'payment', 'draft', 'progress')) = f.apart desc,
                l.landed_at <= $2 desc, l.superseded_by is null desc, l.delivery_id desc
        )
        select
            t.dossier_key, t.place, t.role, t.system, t.code, jsonb_strip_nulls(t.says), coalesce(b.source, t.source),
            b.stream, b.file_name, t.file_sha256, t.row_number, t.row_sha256, b.delivery_id, b.version, b.landed_at,
            b.retracted_because, b.run_id
        from told as t left join brought as b on b.file_sha256 = t.file_sha256 and b.apart = (t.role <> 'record')
        order by t.dossier_key collate "C", t.place, t.system, t.file_sha256, t.row_number, t.code
    $query$, room)
    using
        dossiers, (select r.created_at from release.release as r where r.release_id = asked_for), with_steps;
    perform set_config('motcua.release', coalesce(asked_before, ''), true);
end
$$;

do $$
begin
    revoke execute on function audit.landed_rows(text[], bigint, boolean) from public;
    grant execute on function audit.landed_rows(text[], bigint, boolean) to motcua_inspector;
end
$$;
reset role;
