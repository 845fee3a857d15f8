-- Working minutes from receipt to the end of each dossier, and how many of them it waited for somebody else.
{{ config(materialized='incremental', unique_key=['dossier_key'], meta={'touched': 'dossier_key'}) }}
{#- Resolved or ended otherwise, whichever came first: the least of a value and none is the value. -#}
{% set ended_at = 'least(resolved_at, closed_otherwise_at)' %}
{% set ended_on -%}
    case
            when {{ ended_at }} = resolved_at then resolved_on
            else {{ local_date('closed_otherwise_at', 'zone') }}
        end
{%- endset %}
with dossier as (

    select
        dossier_key,
        jurisdiction,
        received_at,
        received_on,
        {{ ended_at }} as ended_at,
        {{ ended_on }} as ended_on
    from {{ touched_of('int_dossier__current', 'dossier_key', ['dossier_key']) }} as touched

),

worked as (

    select
        dossier.dossier_key,
        dossier.jurisdiction,
        dossier.received_at,
        dossier.ended_at,
        received.rule,
        received.day is not null and ended.day is not null as is_known,
        {{ minutes_worked_by('received', 'dossier.received_at') }} as worked_at_receipt,
        {{ minutes_worked_by('ended', 'dossier.ended_at') }} as worked_at_end
    from dossier
    left join {{ ref('int_calendar__day') }} as received
        on {{ on_day('received', 'dossier', 'dossier.received_on') }}
    left join {{ ref('int_calendar__day') }} as ended
        on {{ on_day('ended', 'dossier', 'dossier.ended_on') }}

),

-- The few that waited are read again: read twice, the whole would be kept aside in between.
dossier_that_waited as (

    select
        dossier_key,
        received_at,
        received_on,
        {{ ended_at }} as ended_at,
        {{ ended_on }} as ended_on
    from {{ touched_of('int_dossier__current', 'dossier_key', ['dossier_key']) }} as touched

),

-- On the axis of minutes worked, and no further than the dossier's own stretch of it. A wait without an end yet ends
-- with the dossier: the least of a value and none is the value.
interruption as (

    select
        interrupted.dossier_key,
        interrupted.kind,
        interrupted.from_at,
        greatest(
            interrupted.worked_from, {{ minutes_worked_by('received', 'dossier.received_at') }}
        ) as worked_from,
        least(interrupted.worked_until, {{ minutes_worked_by('ended', 'dossier.ended_at') }}) as worked_until
    from {{ ref('int_dossier__interrupted') }} as interrupted
    inner join dossier_that_waited as dossier on dossier.dossier_key = interrupted.dossier_key
    inner join {{ ref('int_calendar__day') }} as received
        on {{ on_day('received', 'interrupted', 'dossier.received_on') }}
    inner join {{ ref('int_calendar__day') }} as ended
        on {{ on_day('ended', 'interrupted', 'dossier.ended_on') }}
    where interrupted.worked_from is not null

),

-- What two interruptions have in common counts once, for the one that began first.
apart as (

    select
        dossier_key,
        kind,
        worked_until,
        greatest(
            worked_from,
            max(worked_until) over (
                partition by dossier_key
                order by worked_from asc, from_at asc, kind asc, worked_until asc
                rows between unbounded preceding and 1 preceding
            )
        ) as worked_from
    from interruption

),

waited as (

    select
        dossier_key,
        cast(
            sum(case when kind = 'supplement' then worked_until - worked_from else 0 end) as bigint
        ) as supplement_minutes,
        cast(
            sum(case when kind = 'payment' then worked_until - worked_from else 0 end) as bigint
        ) as payment_minutes,
        cast(
            sum(case when kind = 'stopped' then worked_until - worked_from else 0 end) as bigint
        ) as stopped_minutes
    from apart
    where worked_until > worked_from
    group by dossier_key

)

select
    worked.dossier_key,
    worked.jurisdiction,
    worked.received_at,
    worked.ended_at,
    worked.worked_at_end - worked.worked_at_receipt as elapsed_minutes,
    -- Nothing is known of what it waited where nothing is known of its time.
    case when worked.is_known then coalesce(waited.supplement_minutes, 0) end as supplement_minutes,
    case when worked.is_known then coalesce(waited.payment_minutes, 0) end as payment_minutes,
    case when worked.is_known then coalesce(waited.stopped_minutes, 0) end as stopped_minutes,
    worked.worked_at_end - worked.worked_at_receipt
    - coalesce(waited.supplement_minutes + waited.payment_minutes + waited.stopped_minutes, 0) as spent_minutes,
    rule.minutes_a_day
from worked
left join waited on waited.dossier_key = worked.dossier_key
left join {{ ref('working_rule') }} as rule on rule.rule = worked.rule
