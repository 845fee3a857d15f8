-- Form II.06a/VPCP/KSTT: rows of fields under each level, or of units under each level ("06 các cấp"), and their sums.
with line as (

    select
        jurisdiction,
        period,
        policy,
        'fields' as variant,
        level,
        cast(null as {{ dbt.type_string() }}) as unit_key,
        field_name as label,
        received,
        received_online,
        carried_over,
        resolved,
        early,
        on_due_day,
        late,
        resolved_no_due,
        pending,
        pending_in_time,
        pending_overdue,
        pending_no_due,
        closed_otherwise
    from {{ ref('int_period__counted') }}
    union all
    select
        jurisdiction,
        period,
        policy,
        'levels' as variant,
        level,
        unit_key,
        unit_name as label,
        received,
        received_online,
        carried_over,
        resolved,
        early,
        on_due_day,
        late,
        resolved_no_due,
        pending,
        pending_in_time,
        pending_overdue,
        pending_no_due,
        closed_otherwise
    from {{ ref('int_period__counted') }}

),

-- A line is a field or a unit, a group its level, and the total is all of them.
summed as (

    select
        jurisdiction,
        period,
        policy,
        variant,
        level,
        unit_key,
        label,
        case
            when grouping(level) = 1 then 'total'
            when grouping(label) = 1 then 'group'
            else 'line'
        end as row_kind,
        sum(received) as received,
        sum(received_online) as received_online,
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
    from line
    group by grouping sets (
        (jurisdiction, period, policy, variant, level, unit_key, label),
        (jurisdiction, period, policy, variant, level),
        (jurisdiction, period, policy, variant)
    )

),

ranked as (

    select
        jurisdiction,
        period,
        policy,
        variant,
        level,
        unit_key,
        label,
        row_kind,
        received,
        received_online,
        carried_over,
        resolved,
        early,
        on_due_day,
        late,
        resolved_no_due,
        pending,
        pending_in_time,
        pending_overdue,
        pending_no_due,
        closed_otherwise,
        row_number() over (
            partition by jurisdiction, period, policy, variant
            order by
                case row_kind when 'total' then 2 else 1 end asc,
                {{ level_place('level') }} asc,
                case row_kind when 'group' then 1 else 2 end asc,
                {{ code_order('unit_key') }} asc nulls last,
                {{ code_order('label') }} asc nulls last
        ) as row_place,
        row_number() over (
            partition by jurisdiction, period, policy, variant, row_kind, {{ level_place('level') }}
            order by
                {{ code_order('unit_key') }} asc nulls last,
                {{ code_order('label') }} asc nulls last
        ) as place_in_group,
        row_number() over (
            partition by jurisdiction, period, policy, variant, row_kind
            order by
                {{ level_place('level') }} asc,
                {{ code_order('unit_key') }} asc nulls last,
                {{ code_order('label') }} asc nulls last
        ) as place_in_kind
    from summed
    -- A field or unit with nothing to count in the period has no line.
    where
        row_kind <> 'line'
        or received <> 0
        or carried_over <> 0
        or resolved <> 0
        or pending <> 0
        or closed_otherwise <> 0

)

select
    {{ grain_key([
        'jurisdiction', 'period', 'policy', 'variant', 'row_kind', 'level', 'unit_key', 'label'
    ]) }} as form_row_key,
    jurisdiction,
    {{ key_in('jurisdiction', 'period') }} as period_key,
    period,
    policy,
    variant,
    row_place,
    row_kind,
    case row_kind
        when 'line' then cast(place_in_group as {{ dbt.type_string() }})
        when 'group'
            then case place_in_kind when 1 then 'I' when 2 then 'II' when 3 then 'III' when 4 then 'IV' end
    end as ordinal,
    level,
    unit_key,
    label,
    cast(received + carried_over as bigint) as received_total,
    cast(received_online as bigint) as received_online,
    cast(received - received_online as bigint) as received_direct_postal,
    cast(carried_over as bigint) as carried_over,
    cast(resolved as bigint) as resolved_total,
    cast(early as bigint) as early,
    -- The form has no column for what has no due date: it stands where nothing is late, and is told in the note.
    cast(on_due_day + resolved_no_due as bigint) as on_time,
    cast(late as bigint) as late,
    cast(pending as bigint) as pending_total,
    cast(pending_in_time + pending_no_due as bigint) as pending_in_time,
    cast(pending_overdue as bigint) as pending_overdue,
    cast(closed_otherwise as bigint) as closed_otherwise,
    cast(resolved_no_due as bigint) as resolved_no_due,
    cast(pending_no_due as bigint) as pending_no_due
from ranked
