with source as (

    select
        _delivery_id,
        _row_number,
        _row_sha256,
        id,
        mahoso,
        hinhthuc,
        sotien,
        ngaythanhtoan,
        updatedon
    from {{ source('provincial', 'provincial__payment') }}

),

renamed as (

    select
        -- ids
        _delivery_id as delivery_id,
        _row_number as row_number,
        {{ hex_of('_row_sha256') }} as row_sha256,
        id as request_number,
        mahoso as record_code,

        -- strings
        case hinhthuc when '1' then 'portal' when '2' then 'gateway' when '3' then 'offline' end as way,

        -- numbers
        sotien as amount,

        -- instants
        ngaythanhtoan as paid_at,
        updatedon as changed_at
    from source

)

select
    delivery_id,
    row_number,
    row_sha256,
    request_number,
    record_code,
    way,
    amount,
    paid_at,
    changed_at
from renamed
