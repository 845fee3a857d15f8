with source as (

    select
        _delivery_id,
        _row_number,
        _row_sha256,
        id,
        mahoso,
        loaiduthao,
        ngayduthao,
        ngaygui,
        ngayhentramoi,
        updatedon
    from {{ source('provincial', 'provincial__draft') }}

),

renamed as (

    select
        -- ids
        _delivery_id as delivery_id,
        _row_number as row_number,
        {{ hex_of('_row_sha256') }} as row_sha256,
        id as draft_number,
        mahoso as record_code,

        -- strings
        case loaiduthao when 'Thư xin lỗi' then 'apology' when 'Thông báo' then 'notice' end as letter_kind,

        -- instants
        ngayduthao as drafted_at,
        ngaygui as sent_at,
        ngayhentramoi as due_after,
        updatedon as changed_at
    from source

)

select
    delivery_id,
    row_number,
    row_sha256,
    draft_number,
    record_code,
    letter_kind,
    drafted_at,
    sent_at,
    due_after,
    changed_at
from renamed
