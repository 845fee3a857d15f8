-- The units as each state of the provincial system's list has them, with the territory each serves by law. Its code
-- alone does not say which: codes are given to other units later. Of the territories that had borne the code by then,
-- the one of the listed name counts (a list may lag behind the law), else the latest.
with list as (

    select
        delivery_id,
        jurisdiction,
        listed_on,
        file_sha256,
        place
    from {{ ref('int_list__state') }}
    where source = 'provincial' and stream = 'unit'

),

listed as (

    select
        list.jurisdiction,
        list.listed_on,
        list.place,
        list.file_sha256,
        unit.row_number,
        unit.row_sha256,
        {{ agency_code('unit.agency_id') }} as unit_code,
        unit.agency_id,
        unit.unit_name,
        unit.level,
        unit.statistics_code,
        {{ agency_code('parent.agency_id') }} as parent_code,
        row_number() over (
            partition by list.jurisdiction, list.place, {{ agency_code('unit.agency_id') }}
            order by unit.unit_number asc, unit.row_sha256 asc
        ) as choice
    from list
    inner join {{ ref('stg_provincial__unit') }} as unit on unit.delivery_id = list.delivery_id
    left join {{ ref('stg_provincial__unit') }} as parent
        on parent.delivery_id = unit.delivery_id and parent.unit_number = unit.parent_number

),

placed as (

    select
        listed.jurisdiction,
        listed.listed_on,
        listed.place,
        listed.file_sha256,
        listed.row_number,
        listed.row_sha256,
        listed.unit_code,
        listed.agency_id,
        listed.unit_name,
        listed.level,
        listed.statistics_code,
        listed.parent_code,
        territory.territory_key,
        row_number() over (
            partition by listed.jurisdiction, listed.place, listed.unit_code
            order by
                case when territory.name = listed.unit_name then 0 else 1 end asc,
                territory.valid_from desc
        ) as choice
    from listed
    left join {{ ref('int_territory__version') }} as territory
        on
            territory.statistics_code = trim(leading '0' from listed.statistics_code)
            and territory.level = listed.level
            and territory.valid_from <= listed.listed_on
    where listed.choice = 1

)

select
    jurisdiction,
    listed_on,
    place,
    file_sha256,
    row_number,
    row_sha256,
    unit_code,
    agency_id,
    unit_name,
    level,
    statistics_code,
    parent_code,
    territory_key,
    {{ grain_key(['unit_name', 'level', 'statistics_code', 'parent_code', 'territory_key']) }} as description_key
from placed
where choice = 1
