with source as (

    select
        _delivery_id,
        _row_number,
        _row_sha256,
        id,
        mahoso,
        nguoinhan,
        trangthai,
        nodequytrinh,
        thaotac,
        thoihanbuocxuly,
        thoigian,
        ngayhethanbuocxuly,
        updatedon
    from {{ source('provincial', 'provincial__progress') }}

),

renamed as (

    select
        -- ids
        _delivery_id as delivery_id,
        _row_number as row_number,
        {{ hex_of('_row_sha256') }} as row_sha256,
        id as step_number,
        mahoso as record_code,
        nguoinhan as receiver_account,

        -- strings
        trangthai as status,
        nodequytrinh as workflow_step,
        thaotac as act,

        -- numbers
        thoihanbuocxuly as allowed_minutes,

        -- instants
        thoigian as happened_at,
        ngayhethanbuocxuly as step_due_at,
        updatedon as changed_at
    from source

)

select
    delivery_id,
    row_number,
    row_sha256,
    step_number,
    record_code,
    receiver_account,
    status,
    workflow_step,
    act,
    allowed_minutes,
    happened_at,
    step_due_at,
    changed_at
from renamed
