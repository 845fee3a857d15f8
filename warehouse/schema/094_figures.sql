-- What figures of dossiers count, said in SQL apart from the models: the state of a dossier at an instant, and which
-- states a figure adds up. reporting/explaining/conditions.py says it a third time; a test holds the three together.
set role motcua_owner;

create or replace function audit.state_at(
    moment timestamptz, received_at timestamptz, resolved_at timestamptz, closed_otherwise_at timestamptz,
    exceeded_at timestamptz, due_at timestamptz, verdict text, compares text, missing_due text, zone text
) returns text
language sql immutable parallel safe as $$
-- What a dossier counts as at an instant; null before it was received. What happens at the instant has not happened yet.
    select case
        when received_at >= moment then null
        when closed_otherwise_at < moment then 'closed_otherwise'
        when resolved_at < moment then case verdict when 'no_due' then 'resolved_no_due' else verdict end
        when exceeded_at < moment then 'pending_overdue'
        when due_at is null then case missing_due when 'in_time' then 'pending_in_time' else 'pending_no_due' end
        when compares = 'instant' and due_at < moment then 'pending_overdue'
        when compares <> 'instant' and (due_at at time zone zone)::date < (moment at time zone zone)::date
            then 'pending_overdue'
        else 'pending_in_time'
    end
$$;

create or replace function audit.states_of(figure text) returns text[]
language sql immutable parallel safe as $$
-- The states that a figure adds up; null for what is no figure.
    select case
        when figure = 'received' then array[
            'early', 'on_due_day', 'late', 'resolved_no_due', 'pending_in_time', 'pending_overdue', 'pending_no_due',
            'closed_otherwise'
        ]
        when figure = 'resolved' then array['early', 'on_due_day', 'late', 'resolved_no_due']
        when figure = 'on_time' then array['early', 'on_due_day']
        when figure in ('pending', 'pending_waiting', 'pending_paused')
            then array['pending_in_time', 'pending_overdue', 'pending_no_due']
        when figure in (
            'early', 'on_due_day', 'late', 'resolved_no_due', 'pending_in_time', 'pending_overdue', 'pending_no_due',
            'closed_otherwise'
        ) then array[figure]
    end
$$;

create or replace function audit.terms_of(what text)
returns table (part text, figure text, at_begin integer, at_end integer, channel text)
language sql immutable parallel safe as $$
-- What a figure of a period adds up, part by part: how often a state counts at either end, and of which channel (docs/metrics.md).
    with named (name, part, measures) as (
        values
        ('ii06a.received_total', 'value', '{received,carried_over}'::text[]),
        ('ii06a.received_online', 'value', '{received_online}'),
        ('ii06a.received_direct_postal', 'value', '{received_direct_postal}'),
        ('ii06a.carried_over', 'value', '{carried_over}'),
        ('ii06a.resolved_total', 'value', '{resolved}'),
        ('ii06a.early', 'value', '{early}'),
        ('ii06a.on_time', 'value', '{on_due_day,resolved_no_due}'),
        ('ii06a.late', 'value', '{late}'),
        ('ii06a.pending_total', 'value', '{pending}'),
        ('ii06a.pending_in_time', 'value', '{pending_in_time,pending_no_due}'),
        ('ii06a.pending_overdue', 'value', '{pending_overdue}'),
        ('ii06a.closed_otherwise', 'value', '{closed_otherwise}'),
        ('ii06a.resolved_no_due', 'value', '{resolved_no_due}'),
        ('ii06a.pending_no_due', 'value', '{pending_no_due}'),
        ('received_in_period', 'value', '{received}'),
        ('received_and_carried_over', 'value', '{received,carried_over}'),
        ('carried_over', 'value', '{carried_over}'),
        ('resolved_in_period', 'value', '{resolved}'),
        ('resolved_on_time_in_period', 'value', '{early,on_due_day}'),
        ('late_in_period', 'value', '{late}'),
        ('resolved_without_due_date', 'value', '{resolved_no_due}'),
        ('pending_at_end', 'value', '{pending}'),
        ('overdue_at_end', 'value', '{pending_overdue}'),
        ('on_time_of_resolved', 'numerator', '{early,on_due_day}'),
        ('on_time_of_resolved', 'denominator', '{resolved}'),
        ('on_time_of_received', 'numerator', '{early,on_due_day}'),
        ('on_time_of_received', 'denominator', '{received}'),
        ('rate.article', 'numerator', '{early,on_due_day}'),
        ('rate.article', 'denominator', '{resolved}'),
        ('rate.form_ii06a', 'numerator', '{early,on_due_day,resolved_no_due}'),
        ('rate.form_ii06a', 'denominator', '{resolved}'),
        ('rate.local', 'numerator', '{early,on_due_day}'),
        ('rate.local', 'denominator', '{early,on_due_day,late,pending_overdue}'),
        ('rate.qd766', 'numerator', '{early,on_due_day,pending_in_time}'),
        ('rate.qd766', 'denominator', '{resolved,pending}')
    )
    select
        named.part,
        case
            when measure = 'carried_over' then 'pending' when measure like 'received%' then 'received' else measure
        end as figure,
        case when measure = 'carried_over' then 1 when measure like 'pending%' then 0 else -1 end as at_begin,
        case when measure = 'carried_over' then 0 else 1 end as at_end,
        case measure when 'received_online' then 'online' when 'received_direct_postal' then 'other' end as channel
    from named, unnest(named.measures) as measure where named.name = what
$$;

create or replace function audit.unescaped(part text) returns text
language sql immutable parallel safe as $$
-- What stands percent-encoded in an address.
    select coalesce(convert_from(decode(string_agg(
        case when piece[1] ~ '^%[0-9A-Fa-f]{2}$' then substr(piece[1], 2) else encode(convert_to(piece[1], 'UTF8'), 'hex') end,
        '' order by place
    ), 'hex'), 'UTF8'), '') from regexp_matches(part, '%[0-9A-Fa-f]{2}|[^%]+|%', 'g') with ordinality as found (piece, place)
$$;

do $$
begin
    revoke execute on function audit.state_at(
        timestamptz, timestamptz, timestamptz, timestamptz, timestamptz, timestamptz, text, text, text, text
    ) from public;
    grant execute on function audit.state_at(
        timestamptz, timestamptz, timestamptz, timestamptz, timestamptz, timestamptz, text, text, text, text
    ) to motcua_inspector;
    revoke execute on function audit.states_of(text) from public;
    grant execute on function audit.states_of(text) to motcua_inspector;
    revoke execute on function audit.terms_of(text) from public;
    grant execute on function audit.terms_of(text) to motcua_inspector;
    revoke execute on function audit.unescaped(text) from public;
    grant execute on function audit.unescaped(text) to motcua_inspector;
end
$$;
reset role;
