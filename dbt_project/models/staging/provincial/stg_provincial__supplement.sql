with source as (

    select
        _delivery_id,
        _row_number,
        _row_sha256,
        id,
        mahoso,
        trangthaibosung,
        ngaybosung,
        ngaytiepnhanbosung,
        ngayhentratruoc,
        ngayhentramoi,
        deletedon,
        updatedon
    from {{ source('provincial', 'provincial__supplement') }}

),

renamed as (

    select
        -- ids
        _delivery_id as delivery_id,
        _row_number as row_number,
        {{ hex_of('_row_sha256') }} as row_sha256,
        id as supplement_number,
        mahoso as record_code,

        -- strings
        trangthaibosung as state,

        -- instants
        ngaybosung as asked_at,
        ngaytiepnhanbosung as came_at,
        ngayhentratruoc as due_before,
        ngayhentramoi as due_after,
        deletedon as deleted_at,
        updatedon as changed_at
    from source

)

select
    delivery_id,
    row_number,
    row_sha256,
    supplement_number,
    record_code,
    state,
    asked_at,
    came_at,
    due_before,
    due_after,
    deleted_at,
    changed_at
from renamed
