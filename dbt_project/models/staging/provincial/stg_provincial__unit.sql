with source as (

    select
        _delivery_id,
        _row_number,
        _row_sha256,
        id,
        madinhdanh,
        parentid,
        mahanhchinh,
        ten,
        cap
    from {{ source('provincial', 'provincial__unit') }}

),

renamed as (

    select
        -- ids
        _delivery_id as delivery_id,
        _row_number as row_number,
        {{ hex_of('_row_sha256') }} as row_sha256,
        id as unit_number,
        madinhdanh as agency_id,
        parentid as parent_number,
        mahanhchinh as statistics_code,

        -- strings
        ten as unit_name,
        case cap when '1' then 'province' when '2' then 'district' when '3' then 'commune' end as level
    from source

)

select
    delivery_id,
    row_number,
    row_sha256,
    unit_number,
    agency_id,
    parent_number,
    statistics_code,
    unit_name,
    level
from renamed
