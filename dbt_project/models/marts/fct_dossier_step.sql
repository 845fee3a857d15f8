-- Each step of a dossier's handling: the working time allowed for it against the working time it took, until the next
-- step or, for the last one of an open dossier, until the as-of instant. A step that left the dossier waiting for
-- somebody outside the office is no work of the office; one that ended it has no length.
{{ config(materialized='incremental', unique_key=['dossier_key'], meta={'touched': 'dossier_key'}) }}
with dossier as (

    select
        current_dossier.dossier_key,
        current_dossier.jurisdiction,
        current_dossier.dossier_code,
        current_dossier.zone,
        current_dossier.unit_code,
        current_dossier.procedure_code,
        current_dossier.resolved_at,
        current_dossier.closed_otherwise_at,
        jurisdiction.as_of
    from {{ touched_of('int_dossier__current', 'dossier_key', ['dossier_key']) }} as current_dossier
    inner join {{ source('reference', 'jurisdiction') }} as jurisdiction
        on jurisdiction.jurisdiction = current_dossier.jurisdiction

),

step as (

    select
        dossier.dossier_key,
        dossier.jurisdiction,
        dossier.zone,
        dossier.unit_code,
        dossier.procedure_code,
        step.step_number,
        step.place,
        step.workflow_step,
        step.act,
        step.status,
        step.allowed_minutes,
        step.started_at,
        step.source,
        step.file_sha256,
        step.row_number,
        case
            when step.status in ('3', '7', '9', '10') then 'end'
            when step.status in ('5', '6', '8') then 'waiting'
            else 'work'
        end as kind,
        coalesce(
            step.ended_at,
            case
                when dossier.resolved_at < dossier.as_of or dossier.closed_otherwise_at < dossier.as_of then null
                else dossier.as_of
            end
        ) as ended_at
    from {{ touched_of('int_dossier__step', 'dossier', ['jurisdiction', 'dossier_code']) }} as step
    inner join dossier
        on dossier.jurisdiction = step.jurisdiction and dossier.dossier_code = step.dossier_code
    where
        step.started_at < dossier.as_of

),

measured as (

    select
        step.dossier_key,
        step.jurisdiction,
        step.zone,
        step.unit_code,
        step.procedure_code,
        step.step_number,
        step.place,
        step.workflow_step,
        step.act,
        step.status,
        step.kind,
        step.allowed_minutes,
        step.started_at,
        step.ended_at,
        step.source,
        step.file_sha256,
        step.row_number,
        case
            when step.kind <> 'end'
                then {{ working_minutes_between('began', 'step.started_at', 'ended', 'step.ended_at') }}
        end as spent_minutes
    from step
    left join {{ ref('int_calendar__day') }} as began
        on {{ on_day_of('began', 'step', 'step.started_at') }}
    left join {{ ref('int_calendar__day') }} as ended
        on {{ on_day_of('ended', 'step', 'step.ended_at') }}

)

select
    {{ key_in('jurisdiction', 'cast(step_number as ' ~ dbt.type_string() ~ ')') }} as dossier_step_key,
    dossier_key,
    jurisdiction,
    {{ key_in('jurisdiction', 'unit_code') }} as unit_key,
    {{ key_in('jurisdiction', 'procedure_code') }} as procedure_key,
    cast(place as bigint) as place,
    workflow_step,
    act,
    status,
    kind,
    started_at,
    {{ month_start(local_date('started_at', 'zone')) }} as started_month,
    ended_at,
    cast(allowed_minutes as bigint) as allowed_minutes,
    cast(spent_minutes as bigint) as spent_minutes,
    cast(
        case
            when kind = 'work' and spent_minutes > allowed_minutes then spent_minutes - allowed_minutes
            else 0
        end as bigint
    ) as over_minutes,
    source,
    file_sha256,
    row_number
from measured
