-- The steps of handling each dossier, as the provincial system has them now, each until the next one of its
-- dossier. Steps of records that the system deleted, or that could not be read, belong to no dossier and stay out.
with step as (

    select
        ranked.jurisdiction,
        ranked.source,
        ranked.file_sha256,
        progress.row_number,
        progress.step_number,
        progress.record_code,
        progress.status,
        progress.workflow_step,
        progress.act,
        progress.allowed_minutes,
        progress.happened_at,
        progress.step_due_at,
        row_number() over (
            partition by ranked.jurisdiction, progress.step_number
            order by
                progress.changed_at desc, progress.row_sha256 desc, ranked.file_sha256 desc, progress.row_number asc
        ) as recency
    from {{ ref('stg_provincial__progress') }} as progress
    inner join {{ ref('int_delivery__ranked') }} as ranked on ranked.delivery_id = progress.delivery_id

)

select
    step.jurisdiction,
    identified.dossier_code,
    step.step_number,
    step.source,
    step.file_sha256,
    step.row_number,
    step.status,
    step.workflow_step,
    step.act,
    step.allowed_minutes,
    step.happened_at as started_at,
    step.step_due_at,
    lead(step.happened_at) over (
        partition by step.jurisdiction, identified.dossier_code
        order by step.happened_at asc, step.step_number asc
    ) as ended_at,
    row_number() over (
        partition by step.jurisdiction, identified.dossier_code
        order by step.happened_at asc, step.step_number asc
    ) as place
from step
inner join {{ ref('int_record__identified') }} as identified
    on
        identified.jurisdiction = step.jurisdiction
        and identified.system = 'provincial'
        and identified.record_code = step.record_code
where step.recency = 1
