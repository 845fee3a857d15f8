-- Records of dossiers of which a delivery tells that the last build did not know. Empty where all is built.
with news as (

    select
        ranked.delivery_id,
        ranked.jurisdiction
    from {{ ref('int_delivery__ranked') }} as ranked
    inner join {{ source('audit', 'last_build') }} as last_build on last_build.upto_delivery < ranked.delivery_id
    where {{ goes_on() }}

),

told as (

    select
        delivery_id,
        'provincial' as system,
        record_code
    from {{ ref('stg_provincial__dossier') }}
    union all
    select
        delivery_id,
        'one_stop' as system,
        record_code
    from {{ ref('stg_one_stop__workbook') }}
    union all
    select
        delivery_id,
        'one_stop' as system,
        record_code
    from {{ ref('stg_one_stop__csv') }}
    union all
    select
        delivery_id,
        'one_stop' as system,
        record_code
    from {{ ref('stg_one_stop__unicode_text') }}
    union all
    select
        delivery_id,
        'portal' as system,
        record_code
    from {{ ref('stg_portal__dossier') }}

)

select distinct
    news.jurisdiction,
    told.system,
    told.record_code
from told
inner join news on news.delivery_id = told.delivery_id
