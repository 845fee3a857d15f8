-- The stretches in which a dossier waited for somebody outside the office that handles it: for the applicant's
-- supplement (5), for a payment (6), or stopped (8). Half-open; without an end it waits still. Supplements come
-- from their own table, the other two from the steps.
-- What the last build left here is read by int_counted__touched, which therefore comes first.
-- depends_on: {{ ref('int_counted__touched') }}
{{ config(materialized='incremental', unique_key=['jurisdiction', 'dossier_code'], meta={'touched': 'dossier'}) }}
with supplement as (

    select
        ranked.jurisdiction,
        ranked.source,
        ranked.file_sha256,
        supplement.row_number,
        supplement.record_code,
        supplement.asked_at,
        supplement.came_at,
        supplement.deleted_at,
        row_number() over (
            partition by ranked.jurisdiction, supplement.supplement_number
            order by
                supplement.changed_at desc, supplement.row_sha256 desc,
                ranked.file_sha256 desc, supplement.row_number asc
        ) as recency
    from {{ ref('stg_provincial__supplement') }} as supplement
    inner join {{ ref('int_delivery__ranked') }} as ranked on ranked.delivery_id = supplement.delivery_id

),

for_supplement as (

    select
        supplement.jurisdiction,
        identified.dossier_code,
        'supplement' as waits_for,
        supplement.asked_at as from_at,
        supplement.came_at as to_at,
        supplement.source,
        supplement.file_sha256,
        supplement.row_number
    from supplement
    inner join {{ touched_of('int_record__identified', 'dossier', ['jurisdiction', 'dossier_code']) }} as identified
        on
            identified.jurisdiction = supplement.jurisdiction
            and identified.system = 'provincial'
            and identified.record_code = supplement.record_code
    where
        supplement.recency = 1 and supplement.deleted_at is null and supplement.asked_at is not null

),

in_steps as (

    select
        jurisdiction,
        dossier_code,
        case status when '6' then 'payment' when '8' then 'stopped' end as waits_for,
        started_at as from_at,
        ended_at as to_at,
        source,
        file_sha256,
        row_number
    from {{ touched_of('int_dossier__step', 'dossier', ['jurisdiction', 'dossier_code']) }} as touched
    where status in ('6', '8')

)

select
    jurisdiction,
    dossier_code,
    waits_for,
    from_at,
    to_at,
    source,
    file_sha256,
    row_number
from for_supplement
where to_at is null or to_at >= from_at
union all
select
    jurisdiction,
    dossier_code,
    waits_for,
    from_at,
    to_at,
    source,
    file_sha256,
    row_number
from in_steps
