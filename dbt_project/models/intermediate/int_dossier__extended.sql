-- The due date from which the time of supplements has been taken off: the first promise, or by the limit where
-- there was none, moved on by the working minutes waited for supplements that were asked for before it. A wait that
-- still lasts is counted up to the as-of instant. Without a calendar there is nothing to move it by.
{{ config(materialized='incremental', unique_key=['dossier_key'], meta={'touched': 'dossier_key'}) }}
with dossier as (

    select
        current_dossier.dossier_key,
        current_dossier.jurisdiction,
        current_dossier.zone,
        jurisdiction.as_of,
        by_rule.first_due_at as limit_due_at,
        coalesce(current_dossier.first_due_at, by_rule.first_due_at) as due_at
    from {{ touched_of('int_dossier__current', 'dossier_key', ['dossier_key']) }} as current_dossier
    inner join {{ source('reference', 'jurisdiction') }} as jurisdiction
        on jurisdiction.jurisdiction = current_dossier.jurisdiction
    left join {{ touched_of('int_dossier__due', 'dossier_key', ['dossier_key']) }} as by_rule
        on by_rule.dossier_key = current_dossier.dossier_key

),

waited as (

    select
        dossier.dossier_key,
        cast(
            sum(
                coalesce(interrupted.worked_until, {{ minutes_worked_by('today', 'dossier.as_of') }})
                - interrupted.worked_from
            ) as bigint
        ) as minutes
    from dossier
    inner join {{ ref('int_dossier__interrupted') }} as interrupted
        on
            interrupted.dossier_key = dossier.dossier_key
            and interrupted.kind = 'supplement'
            and interrupted.from_at < dossier.due_at
            and interrupted.from_at < dossier.as_of
    left join {{ ref('int_calendar__day') }} as today
        on {{ on_day_of('today', 'dossier', 'dossier.as_of') }}
    group by dossier.dossier_key

),

moved as (

    select
        dossier.dossier_key,
        {{ add_working_minutes('reached', 'due_day', 'dossier.due_at', 'waited.minutes') }} as due_at
    from dossier
    inner join waited on waited.dossier_key = dossier.dossier_key
    inner join {{ ref('int_calendar__day') }} as due_day
        on {{ on_day_of('due_day', 'dossier', 'dossier.due_at') }}
    left join {{ ref('int_calendar__bucket') }} as reached
        on {{ on_bucket_after('reached', 'due_day', 'dossier.due_at', 'waited.minutes') }}

)

select
    dossier.dossier_key,
    dossier.limit_due_at,
    coalesce(moved.due_at, dossier.due_at) as due_at
from dossier
left join moved on moved.dossier_key = dossier.dossier_key
