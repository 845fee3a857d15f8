-- The counts of a period by handling unit, one row a count, so that rates are made of rows.
with summed as (

    select
        jurisdiction,
        period,
        policy,
        unit_key,
        sum(received) as received,
        sum(carried_over) as carried_over,
        sum(resolved) as resolved,
        sum(early) as early,
        sum(on_due_day) as on_due_day,
        sum(late) as late,
        sum(resolved_no_due) as resolved_no_due,
        sum(pending) as pending,
        sum(pending_in_time) as pending_in_time,
        sum(pending_overdue) as pending_overdue,
        sum(pending_no_due) as pending_no_due,
        sum(closed_otherwise) as closed_otherwise
    from {{ ref('int_period__counted') }}
    group by
        jurisdiction,
        period,
        policy,
        unit_key

),

every as (

    select
        jurisdiction,
        period,
        policy,
        unit_key,
        'received' as measure,
        received as counted
    from summed
    union all
    select
        jurisdiction,
        period,
        policy,
        unit_key,
        'carried_over' as measure,
        carried_over as counted
    from summed
    union all
    select
        jurisdiction,
        period,
        policy,
        unit_key,
        'resolved' as measure,
        resolved as counted
    from summed
    union all
    select
        jurisdiction,
        period,
        policy,
        unit_key,
        'early' as measure,
        early as counted
    from summed
    union all
    select
        jurisdiction,
        period,
        policy,
        unit_key,
        'on_due_day' as measure,
        on_due_day as counted
    from summed
    union all
    select
        jurisdiction,
        period,
        policy,
        unit_key,
        'late' as measure,
        late as counted
    from summed
    union all
    select
        jurisdiction,
        period,
        policy,
        unit_key,
        'resolved_no_due' as measure,
        resolved_no_due as counted
    from summed
    union all
    select
        jurisdiction,
        period,
        policy,
        unit_key,
        'pending' as measure,
        pending as counted
    from summed
    union all
    select
        jurisdiction,
        period,
        policy,
        unit_key,
        'pending_in_time' as measure,
        pending_in_time as counted
    from summed
    union all
    select
        jurisdiction,
        period,
        policy,
        unit_key,
        'pending_overdue' as measure,
        pending_overdue as counted
    from summed
    union all
    select
        jurisdiction,
        period,
        policy,
        unit_key,
        'pending_no_due' as measure,
        pending_no_due as counted
    from summed
    union all
    select
        jurisdiction,
        period,
        policy,
        unit_key,
        'closed_otherwise' as measure,
        closed_otherwise as counted
    from summed

)

select
    jurisdiction,
    period,
    policy,
    unit_key,
    measure,
    cast(counted as bigint) as counted
from every
