-- Each step of handling as the provincial system has it now: the newest of what it told of it.
-- What the last build left here is read by int_code__touched, which therefore comes first.
-- depends_on: {{ ref('int_code__touched') }}
{{ config(
    materialized='incremental',
    unique_key=['jurisdiction', 'step_number'],
    meta={'touched': 'step'},
    indexes=[{'columns': ['record_code']}]
) }}
with step as (

    select
        ranked.jurisdiction,
        progress.delivery_id,
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
    where {{ is_touched('step', ['ranked.jurisdiction', 'progress.step_number']) }}

)

select
    jurisdiction,
    delivery_id,
    row_number,
    step_number,
    record_code,
    status,
    workflow_step,
    act,
    allowed_minutes,
    happened_at,
    step_due_at
from step
where recency = 1
