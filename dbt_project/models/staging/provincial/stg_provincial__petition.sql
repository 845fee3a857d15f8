with source as (

    select
        _delivery_id,
        _row_number,
        _row_sha256,
        id,
        mapakn,
        mahoso,
        donviid,
        sodienthoai,
        kenhtiepnhan,
        hailong,
        ngaytiepnhan,
        hantraloi,
        ngaytraloi,
        updatedon
    from {{ source('provincial', 'provincial__petition') }}

),

renamed as (

    select
        -- ids
        _delivery_id as delivery_id,
        _row_number as row_number,
        {{ hex_of('_row_sha256') }} as row_sha256,
        id as petition_number,
        mapakn as petition_code,
        mahoso as record_code,
        donviid as unit_number,
        sodienthoai as petitioner_pseudonym,

        -- strings
        case kenhtiepnhan when '1' then 'online' when '2' then 'telephone' when '3' then 'direct' end as way,

        -- booleans
        hailong as is_satisfied,

        -- instants
        ngaytiepnhan as received_at,
        hantraloi as due_at,
        ngaytraloi as answered_at,
        updatedon as changed_at
    from source

)

select
    delivery_id,
    row_number,
    row_sha256,
    petition_number,
    petition_code,
    record_code,
    unit_number,
    petitioner_pseudonym,
    way,
    is_satisfied,
    received_at,
    due_at,
    answered_at,
    changed_at
from renamed
