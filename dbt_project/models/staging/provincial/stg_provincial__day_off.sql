with source as (

    select
        _delivery_id,
        _row_number,
        _row_sha256,
        day_off
    from {{ source('provincial', 'provincial__day_off') }}

),

renamed as (

    select
        -- ids
        _delivery_id as delivery_id,
        _row_number as row_number,
        {{ hex_of('_row_sha256') }} as row_sha256,

        -- days
        day_off
    from source

)

select
    delivery_id,
    row_number,
    row_sha256,
    day_off
from renamed
