with handling as (

    select
        jurisdiction,
        unit_code
    from {{ ref('int_dossier__current') }}

),

competent as (

    select
        jurisdiction,
        competent_unit_code as unit_code
    from {{ ref('int_dossier__current') }}

),

in_catalogue as (

    select
        jurisdiction,
        competent_unit_code as unit_code
    from {{ ref('int_catalogue__presence') }}

),

named as (

    select
        jurisdiction,
        unit_code
    from handling
    union
    select
        jurisdiction,
        unit_code
    from competent
    union
    select
        jurisdiction,
        unit_code
    from in_catalogue

),

described as (

    select
        ranked.jurisdiction,
        {{ agency_code('unit.agency_id') }} as unit_code,
        unit.unit_name,
        unit.level,
        unit.statistics_code,
        {{ agency_code('parent.agency_id') }} as parent_code,
        row_number() over (
            partition by ranked.jurisdiction, {{ agency_code('unit.agency_id') }}
            order by unit.unit_number asc, unit.row_sha256 asc
        ) as place
    from {{ ref('stg_provincial__unit') }} as unit
    inner join {{ ref('int_delivery__ranked') }} as ranked
        on ranked.delivery_id = unit.delivery_id and ranked.recency = 1
    left join {{ ref('stg_provincial__unit') }} as parent
        on parent.delivery_id = unit.delivery_id and parent.unit_number = unit.parent_number

),

every as (

    select
        jurisdiction,
        unit_code
    from named
    union
    select
        jurisdiction,
        unit_code
    from described

)

select
    {{ key_in('every.jurisdiction', 'every.unit_code') }} as unit_key,
    every.jurisdiction,
    every.unit_code,
    coalesce(described.unit_name, every.unit_code) as unit_name,
    described.level,
    described.statistics_code,
    {{ key_in('every.jurisdiction', 'described.parent_code') }} as parent_unit_key
from every
left join described
    on described.jurisdiction = every.jurisdiction and described.unit_code = every.unit_code and described.place = 1
where every.unit_code is not null
