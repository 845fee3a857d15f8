-- The steps of handling each dossier, as the provincial system has them now, each until the next one of its
-- dossier. Steps of records that the system deleted, or that could not be read, belong to no dossier and stay out.
{{ config(materialized='incremental', unique_key=['jurisdiction', 'dossier_code'], meta={'touched': 'dossier'}) }}
with record as (

    select
        jurisdiction,
        record_code,
        dossier_code
    from {{ touched_of('int_record__identified', 'dossier', ['jurisdiction', 'dossier_code']) }} as touched
    where system = 'provincial'

)

select
    step.jurisdiction,
    record.dossier_code,
    step.step_number,
    ranked.source,
    ranked.file_sha256,
    step.row_number,
    step.status,
    step.workflow_step,
    step.act,
    step.allowed_minutes,
    step.happened_at as started_at,
    step.step_due_at,
    lead(step.happened_at) over (
        partition by step.jurisdiction, record.dossier_code
        order by step.happened_at asc, step.step_number asc
    ) as ended_at,
    row_number() over (
        partition by step.jurisdiction, record.dossier_code
        order by step.happened_at asc, step.step_number asc
    ) as place
from {{ those_of('int_progress__current', 'record', ['jurisdiction', 'record_code']) }} as step
inner join record on record.jurisdiction = step.jurisdiction and record.record_code = step.record_code
inner join {{ ref('int_delivery__ranked') }} as ranked on ranked.delivery_id = step.delivery_id
