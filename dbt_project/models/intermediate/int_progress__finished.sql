-- When a dossier's processing was finished by its steps: the first step that left it finished (status 9). By the code
-- the provincial system holds it under.
{{ config(materialized='incremental', unique_key=['jurisdiction', 'normal_code'], meta={'touched': 'code'}) }}
with step as (

    select
        jurisdiction,
        {{ dossier_code('record_code') }} as normal_code,
        happened_at
    from {{ ref('int_progress__current') }}
    where status = '9'

)

select
    jurisdiction,
    normal_code,
    min(happened_at) as finished_at
from step
where {{ is_touched('code', ['jurisdiction', 'normal_code']) }}
group by
    jurisdiction,
    normal_code
