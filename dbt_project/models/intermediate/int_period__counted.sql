-- Complete period × policy × unit × field: the columns of form II.06a, from the counts at the period's two ends. What
-- grows with time (receipts, finishes) is the difference of the two, what is open is that of the one end or the other.
with at_cut_off as (

    select
        timeliness.jurisdiction,
        timeliness.cut_off,
        timeliness.policy,
        timeliness.unit_key,
        procedure.field_name,
        sum(timeliness.received) as received,
        sum(case when channel.kind = 'online' then timeliness.received else 0 end) as received_online,
        sum(timeliness.resolved) as resolved,
        sum(timeliness.early) as early,
        sum(timeliness.on_due_day) as on_due_day,
        sum(timeliness.late) as late,
        sum(timeliness.resolved_no_due) as resolved_no_due,
        sum(timeliness.pending) as pending,
        sum(timeliness.pending_in_time) as pending_in_time,
        sum(timeliness.pending_overdue) as pending_overdue,
        sum(timeliness.pending_no_due) as pending_no_due,
        sum(timeliness.closed_otherwise) as closed_otherwise
    from {{ ref('fct_timeliness') }} as timeliness
    inner join {{ ref('dim_channel') }} as channel on channel.channel_key = timeliness.channel_key
    inner join {{ ref('dim_procedure') }} as procedure
        on procedure.procedure_key = timeliness.procedure_key and procedure.is_current
    group by
        timeliness.jurisdiction,
        timeliness.cut_off,
        timeliness.policy,
        timeliness.unit_key,
        procedure.field_name

),

edge as (

    select
        jurisdiction,
        period,
        from_at as cut_off,
        -1 as sign,
        1 as at_begin,
        0 as at_end
    from {{ ref('dim_period') }}
    where is_complete
    union all
    select
        jurisdiction,
        period,
        to_at as cut_off,
        1 as sign,
        0 as at_begin,
        1 as at_end
    from {{ ref('dim_period') }}
    where is_complete

)

select
    edge.jurisdiction,
    edge.period,
    at_cut_off.policy,
    at_cut_off.unit_key,
    unit.unit_name,
    unit.level,
    at_cut_off.field_name,
    cast(sum(edge.sign * at_cut_off.received) as bigint) as received,
    cast(sum(edge.sign * at_cut_off.received_online) as bigint) as received_online,
    cast(sum(edge.at_begin * at_cut_off.pending) as bigint) as carried_over,
    cast(sum(edge.sign * at_cut_off.resolved) as bigint) as resolved,
    cast(sum(edge.sign * at_cut_off.early) as bigint) as early,
    cast(sum(edge.sign * at_cut_off.on_due_day) as bigint) as on_due_day,
    cast(sum(edge.sign * at_cut_off.late) as bigint) as late,
    cast(sum(edge.sign * at_cut_off.resolved_no_due) as bigint) as resolved_no_due,
    cast(sum(edge.at_end * at_cut_off.pending) as bigint) as pending,
    cast(sum(edge.at_end * at_cut_off.pending_in_time) as bigint) as pending_in_time,
    cast(sum(edge.at_end * at_cut_off.pending_overdue) as bigint) as pending_overdue,
    cast(sum(edge.at_end * at_cut_off.pending_no_due) as bigint) as pending_no_due,
    cast(sum(edge.sign * at_cut_off.closed_otherwise) as bigint) as closed_otherwise
from edge
inner join at_cut_off
    on at_cut_off.jurisdiction = edge.jurisdiction and at_cut_off.cut_off = edge.cut_off
inner join {{ ref('dim_unit') }} as unit on unit.unit_key = at_cut_off.unit_key and unit.is_current
group by
    edge.jurisdiction,
    edge.period,
    at_cut_off.policy,
    at_cut_off.unit_key,
    unit.unit_name,
    unit.level,
    at_cut_off.field_name
