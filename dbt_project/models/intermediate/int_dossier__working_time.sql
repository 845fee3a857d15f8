-- Working minutes from receipt to the end of each dossier, and how many of them it waited for somebody else.
with dossier as (

    select
        dossier_key,
        jurisdiction,
        zone,
        received_at,
        case
            when closed_otherwise_at < resolved_at then closed_otherwise_at
            else coalesce(resolved_at, closed_otherwise_at)
        end as ended_at
    from {{ ref('int_dossier__current') }}

),

worked as (

    select
        dossier.dossier_key,
        dossier.jurisdiction,
        dossier.received_at,
        dossier.ended_at,
        received.rule,
        {{ minutes_worked_by('received', 'dossier.received_at') }} as worked_at_receipt,
        {{ minutes_worked_by('ended', 'dossier.ended_at') }} as worked_at_end
    from dossier
    left join {{ ref('int_calendar__day') }} as received
        on {{ on_day_of('received', 'dossier', 'dossier.received_at') }}
    left join {{ ref('int_calendar__day') }} as ended
        on {{ on_day_of('ended', 'dossier', 'dossier.ended_at') }}

),

-- On the axis of minutes worked, and no further than the dossier's own stretch of it.
interruption as (

    select
        interrupted.dossier_key,
        interrupted.kind,
        interrupted.from_at,
        greatest(interrupted.worked_from, worked.worked_at_receipt) as worked_from,
        least(coalesce(interrupted.worked_until, worked.worked_at_end), worked.worked_at_end) as worked_until
    from {{ ref('int_dossier__interrupted') }} as interrupted
    inner join worked on worked.dossier_key = interrupted.dossier_key
    where worked.worked_at_end is not null and interrupted.worked_from is not null

),

-- What two interruptions have in common counts once, for the one that began first.
apart as (

    select
        dossier_key,
        kind,
        worked_until,
        greatest(
            worked_from,
            coalesce(
                max(worked_until) over (
                    partition by dossier_key
                    order by worked_from asc, from_at asc, kind asc, worked_until asc
                    rows between unbounded preceding and 1 preceding
                ),
                worked_from
            )
        ) as worked_from
    from interruption

),

waited as (

    select
        dossier_key,
        sum(case when kind = 'supplement' then worked_until - worked_from else 0 end) as supplement_minutes,
        sum(case when kind = 'fee' then worked_until - worked_from else 0 end) as fee_minutes,
        sum(case when kind = 'suspended' then worked_until - worked_from else 0 end) as suspended_minutes
    from apart
    where worked_until > worked_from
    group by dossier_key

),

told as (

    select
        worked.dossier_key,
        worked.jurisdiction,
        worked.rule,
        worked.received_at,
        worked.ended_at,
        worked.worked_at_end - worked.worked_at_receipt as elapsed_minutes,
        coalesce(waited.supplement_minutes, 0) as supplement_minutes,
        coalesce(waited.fee_minutes, 0) as fee_minutes,
        coalesce(waited.suspended_minutes, 0) as suspended_minutes
    from worked
    left join waited on waited.dossier_key = worked.dossier_key

)

select
    told.dossier_key,
    told.jurisdiction,
    told.received_at,
    told.ended_at,
    cast(told.elapsed_minutes as bigint) as elapsed_minutes,
    -- Nothing is known of what it waited where nothing is known of its time.
    cast(case when told.elapsed_minutes is not null then told.supplement_minutes end as bigint) as supplement_minutes,
    cast(case when told.elapsed_minutes is not null then told.fee_minutes end as bigint) as fee_minutes,
    cast(case when told.elapsed_minutes is not null then told.suspended_minutes end as bigint) as suspended_minutes,
    cast(
        told.elapsed_minutes - told.supplement_minutes - told.fee_minutes - told.suspended_minutes as bigint
    ) as spent_minutes,
    rule.minutes_a_day
from told
left join {{ ref('working_rule') }} as rule on rule.rule = told.rule
