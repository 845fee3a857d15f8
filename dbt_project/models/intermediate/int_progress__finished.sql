-- When a dossier's processing was finished by its steps: the first step that left it finished (status 9). By the code
-- the provincial system holds it under.
with step as (

    select
        progress.step_number,
        progress.record_code,
        progress.status,
        progress.happened_at,
        ranked.jurisdiction,
        row_number() over (
            partition by ranked.jurisdiction, progress.step_number
            order by progress.changed_at desc, progress.row_sha256 desc
        ) as recency
    from {{ ref('stg_provincial__progress') }} as progress
    inner join {{ ref('int_delivery__ranked') }} as ranked on ranked.delivery_id = progress.delivery_id
    where progress.status = '9'

)

select
    jurisdiction,
    {{ dossier_code('record_code') }} as normal_code,
    min(happened_at) as finished_at
from step
where recency = 1
group by
    jurisdiction,
    {{ dossier_code('record_code') }}
