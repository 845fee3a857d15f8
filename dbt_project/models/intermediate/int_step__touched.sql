-- Steps of handling of which a delivery tells that the last build did not know. Empty where all is built.
select distinct
    ranked.jurisdiction,
    progress.step_number
from {{ ref('stg_provincial__progress') }} as progress
inner join {{ ref('int_delivery__ranked') }} as ranked on ranked.delivery_id = progress.delivery_id
inner join {{ source('audit', 'last_build') }} as last_build on last_build.upto_delivery < ranked.delivery_id
where {{ goes_on() }}
