-- What falls due next: open dossiers in time at the as-of instant under the jurisdiction's default policy, in three
-- bands.
{{ config(materialized='incremental', unique_key=['dossier_key'], meta={'touched': 'dossier_key'}) }}
with pending as (

    select
        verdict.dossier_key,
        verdict.jurisdiction,
        verdict.policy,
        verdict.due_at,
        jurisdiction.zone,
        jurisdiction.as_of
    from {{ touched_of('fct_dossier_verdict', 'dossier_key', ['dossier_key']) }} as verdict
    inner join {{ source('reference', 'jurisdiction') }} as jurisdiction
        on jurisdiction.jurisdiction = verdict.jurisdiction and jurisdiction.default_policy = verdict.policy
    where
        verdict.verdict = 'pending_in_time'
        and verdict.due_at is not null

),

measured as (

    select
        pending.dossier_key,
        pending.jurisdiction,
        pending.policy,
        pending.due_at,
        {{ working_minutes_between('today', 'pending.as_of', 'due', 'pending.due_at') }} as minutes_left,
        {{ epoch_seconds('pending.due_at') }} - {{ epoch_seconds('pending.as_of') }} as seconds_left,
        coalesce(rule.minutes_a_day, 480) as minutes_a_day
    from pending
    left join {{ ref('int_calendar__day') }} as today
        on {{ on_day_of('today', 'pending', 'pending.as_of') }}
    left join {{ ref('int_calendar__day') }} as due
        on {{ on_day_of('due', 'pending', 'pending.due_at') }}
    left join {{ ref('working_rule') }} as rule on rule.rule = today.rule

),

banded as (

    select
        dossier_key,
        jurisdiction,
        policy,
        due_at,
        minutes_left,
        seconds_left,
        case
            when minutes_left <= 240 then 'within_4_working_hours'
            when seconds_left <= 86400 then 'within_24_hours'
            when minutes_left <= 3 * minutes_a_day then 'within_3_working_days'
        end as band
    from measured

)

select
    banded.dossier_key,
    banded.jurisdiction,
    banded.policy,
    dossier.dossier_code,
    dossier.unit_key,
    dossier.procedure_key,
    dossier.channel_key,
    dossier.status,
    dossier.received_at,
    banded.due_at,
    banded.band,
    cast(banded.minutes_left as bigint) as minutes_left,
    dossier.source,
    dossier.file_sha256,
    dossier.row_number
from banded
inner join {{ touched_of('fct_dossier', 'dossier_key', ['dossier_key']) }} as dossier
    on dossier.dossier_key = banded.dossier_key
where banded.band is not null
