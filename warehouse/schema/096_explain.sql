-- From the address of a figure to its dossiers, and with 095 to their rows; `motcua explain` has the same, counts
-- figures of procedures, decisions and visits besides, holds the count against what is published, and reads the bytes.
set role motcua_owner;

create or replace function audit.explain(
    address text, in_release bigint default null, most integer default 100, with_steps boolean default true
)
returns table (
    release_id bigint, dossiers bigint, dossier_code text, counts jsonb, received_at timestamptz, due_at timestamptz,
    resolved_at timestamptz, verdict text, role text, system text, code text, says jsonb, source text, stream text,
    file_name text, file_sha256 text, row_number bigint, row_sha256 text, delivery_id bigint, landed_at timestamptz,
    run_id uuid, program_version text, program_commit text
)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
-- One row for each landed row of the first dossiers (`most`) that a figure counts; `dossiers` says how many it counts, which is
-- the figure itself (of a rate: what it divides by; there those come first that are not in the numerator). Addresses are those
-- of `motcua explain`. With its caller's rights.
declare
    pieces constant text[] := string_to_array(btrim(address), ';');
    path text[] := array(
        select audit.unescaped(piece) from unnest(string_to_array(pieces[1], '/')) with ordinality as p (piece, place)
        order by place
    );
    narrowed constant jsonb := coalesce((
        select jsonb_object_agg(split_part(pair, '=', 1), audit.unescaped(substr(pair, strpos(pair, '=') + 1)))
        from unnest(pieces[2:]) as pair
    ), '{}');
    standing constant bigint := (select pointer.release_id from release.pointer as pointer);
    asked_for constant bigint := coalesce(in_release, standing);
    room constant text := case when asked_for is distinct from standing then 'marts_as_of' else 'marts' end;
    asked_before constant text := current_setting('motcua.release', true);
    whose record;
    begins timestamptz;
    ends timestamptz;
    judged_by text;
    conditions text := '';
    joins text := '';
    parts jsonb;
    form_row record;
begin
    if cardinality(path) not in (3, 4) or '' = any(path) then
        raise exception '% is no address of a figure', address
        using errcode = 'invalid_parameter_value', hint = 'thai_nguyen/2023H1/late_in_period/day';
    end if;
    perform set_config('motcua.release', coalesce(asked_for::text, ''), true);
    execute format('select * from %I.dim_jurisdiction where jurisdiction = $1', room) into whose using path[1];
    judged_by := coalesce(path[4], whose.default_policy);
    if audit.states_of(path[3]) is not null or path[3] in ('ranking.on_time', 'ranking.judged') then
        ends := case
            when path[2] = 'as_of' then whose.as_of
            when path[2] ~ '^\d{4}-\d\d-\d\d$' then path[2]::date::timestamp at time zone whose.zone
            else path[2]::timestamptz
        end;
        parts := case path[3]
            when 'ranking.judged' then '[{"part": "value", "figure": "on_time", "at_begin": 0, "at_end": 1},
                {"part": "value", "figure": "late", "at_begin": 0, "at_end": 1}]'::jsonb
            else jsonb_build_array(jsonb_build_object(
                'part', 'value', 'figure', replace(path[3], 'ranking.', ''), 'at_begin', 0, 'at_end', 1
            ))
        end;
        if path[3] in ('pending_waiting', 'pending_paused') then
            joins := format(
                $sql$ inner join (
                    select e.dossier_key, case
                        when count(*) filter (where e.event = 'supplement_requested')
                        > count(*) filter (where e.event = 'supplement_received') then 'pending_waiting'
                        when count(*) filter (where e.event = 'payment_requested')
                        > count(*) filter (where e.event = 'payment_settled')
                        or count(*) filter (where e.event = 'stopped') > count(*) filter (where e.event = 'resumed')
                        then 'pending_paused'
                    end as waits from %I.fct_dossier_event as e where e.happened_at < $3 group by e.dossier_key
                ) as w on w.dossier_key = d.dossier_key and w.waits = %L $sql$, room, path[3]
            );
        end if;
    else
        execute format('select from_at, to_at from %I.dim_period where jurisdiction = $1 and period = $2', room)
        into begins, ends using path[1], path[2];
        if path[3] like 'rate.%' or path[3] = 'on_time_of_resolved' then
            execute format('select policy from %I.rpt_rate where jurisdiction = $1 and rate = $2 limit 1', room)
            into judged_by
            using path[1], case when path[3] like 'rate.%' then substr(path[3], 6) else 'article' end;
        end if;
        select jsonb_agg(to_jsonb(term)) into parts from audit.terms_of(path[3]) as term;
    end if;
    if parts is null or ends is null or whose is null or judged_by is null then
        raise exception '% names no figure of dossiers in release %', address, asked_for
        using errcode = 'no_data_found', hint = 'motcua explain knows figures of procedures, decisions and visits as well.';
    end if;
    if narrowed ? 'line' then
        execute format(
            'select row_kind, level, unit_key, label from %I.rpt_form_ii06a where jurisdiction = $1 and period = $2'
            ' and policy = $3 and variant = $4 and row_place = $5', room
        ) into form_row
        using path[1], path[2], judged_by, coalesce(narrowed ->> 'variant', 'fields'), (narrowed ->> 'line')::bigint;
        if form_row is null then
            raise exception '% is no line of the form', narrowed ->> 'line' using errcode = 'no_data_found';
        end if;
        if form_row.row_kind <> 'total' then
            conditions := conditions || format(' and u.level is not distinct from %L', form_row.level);
        end if;
        if form_row.unit_key is not null then
            conditions := conditions || format(' and d.unit_key = %L', form_row.unit_key);
        elsif form_row.row_kind = 'line' then
            conditions := conditions || format(' and pr.field_name is not distinct from %L', form_row.label);
        end if;
    end if;
    select conditions || coalesce(string_agg(format(' and d.%I = %L', key || '_key', path[1] || '/' || value), ''), '')
    into conditions from jsonb_each_text(narrowed) where key in ('unit', 'competent_unit', 'channel', 'procedure');
    if narrowed ? 'level' then
        conditions := conditions || format(' and u.level is not distinct from %L', nullif(narrowed ->> 'level', ''));
    end if;
    if narrowed ? 'field' then
        conditions := conditions || format(' and pr.field_name is not distinct from %L', nullif(narrowed ->> 'field', ''));
    end if;
    return query execute format($query$
        with at_ends as materialized (
            select
                d.dossier_key, d.dossier_code, d.received_at, v.due_at, v.resolved_at, v.verdict, ch.kind,
                audit.state_at(
                    $3, d.received_at, v.resolved_at, v.closed_otherwise_at, v.exceeded_at, v.due_at, v.verdict, p.compares,
                    p.missing_due, j.zone
                ) as at_end,
                audit.state_at(
                    $4, d.received_at, v.resolved_at, v.closed_otherwise_at, v.exceeded_at, v.due_at, v.verdict, p.compares,
                    p.missing_due, j.zone
                ) as at_begin
            from %1$I.fct_dossier as d
            inner join %1$I.fct_dossier_verdict as v on v.dossier_key = d.dossier_key and v.policy = $2
            inner join %1$I.dim_policy as p on p.jurisdiction = d.jurisdiction and p.policy = v.policy
            inner join %1$I.dim_jurisdiction as j on j.jurisdiction = d.jurisdiction
            left join %1$I.dim_unit as u on u.unit_key = d.unit_key and u.is_current
            left join %1$I.dim_procedure as pr on pr.procedure_key = d.procedure_key and pr.is_current
            left join %1$I.dim_channel as ch on ch.channel_key = d.channel_key
            %3$s where d.jurisdiction = $1 and d.received_at < $3 %2$s
        ),
        counted as (
            select a.dossier_key, term.part, sum(
                term.at_end * (a.at_end = any(term.states) is true)::int
                + term.at_begin * ($4 is not null and a.at_begin = any(term.states) is true)::int
            ) as adds
            from at_ends as a
            cross join (
                select t.part, t.at_begin, t.at_end, t.channel, audit.states_of(t.figure) as states
                from jsonb_to_recordset($5) as t (part text, figure text, at_begin integer, at_end integer, channel text)
            ) as term
            where term.channel is null or (term.channel = 'online') = (a.kind = 'online' is true)
            group by a.dossier_key, term.part
        ),
        hit as materialized (
            select c.dossier_key, jsonb_object_agg(c.part, c.adds) as counts, max(abs(c.adds)) as most
            from counted as c group by c.dossier_key having max(abs(c.adds)) <> 0
        ),
        listed as materialized (
            select a.*, h.counts, count(*) over () as dossiers
            from hit as h inner join at_ends as a on a.dossier_key = h.dossier_key
            order by
                coalesce(h.counts ->> 'numerator' <> '0', true) asc, a.dossier_code collate "C", a.dossier_key collate "C"
            limit $6
        )
        select
            $7, l.dossiers, l.dossier_code, l.counts, l.received_at, l.due_at, l.resolved_at, l.verdict, r.role, r.system,
            r.code, r.says, r.source, r.stream, r.file_name, r.file_sha256, r.row_number, r.row_sha256, r.delivery_id,
            r.landed_at, r.run_id, p.program ->> 'version', p.program ->> 'commit'
        from listed as l
        left join audit.landed_rows((select array_agg(listed.dossier_key) from listed), $7, $8) as r
            on r.dossier_key = l.dossier_key
        left join audit.run_program as p on p.run_id = r.run_id
        order by
            coalesce(l.counts ->> 'numerator' <> '0', true) asc, l.dossier_code collate "C", l.dossier_key collate "C",
            r.place, r.system, r.file_sha256, r.row_number, r.code
    $query$, room, conditions, joins)
    using path[1], judged_by, ends, begins, parts, most, asked_for, with_steps;
    perform set_config('motcua.release', coalesce(asked_before, ''), true);
end
$$;

do $$
begin
    revoke execute on function audit.explain(text, bigint, integer, boolean) from public;
    grant execute on function audit.explain(text, bigint, integer, boolean) to motcua_inspector;
end
$$;
reset role;
