with source as (

    select
        _delivery_id,
        _row_number,
        _row_sha256,
        id,
        mahoso,
        sodienthoai,
        kenhdanhgia,
        mucdohailong,
        ngaydanhgia,
        updatedon
    from {{ source('provincial', 'provincial__rating') }}

),

renamed as (

    select
        -- ids
        _delivery_id as delivery_id,
        _row_number as row_number,
        {{ hex_of('_row_sha256') }} as row_sha256,
        id as rating_number,
        mahoso as record_code,
        sodienthoai as rater_pseudonym,

        -- strings
        case kenhdanhgia when '1' then 'counter' when '2' then 'online' when '3' then 'message' end as way,

        -- numbers
        cast(mucdohailong as integer) as score,

        -- instants
        ngaydanhgia as rated_at,
        updatedon as changed_at
    from source

)

select
    delivery_id,
    row_number,
    row_sha256,
    rating_number,
    record_code,
    rater_pseudonym,
    way,
    score,
    rated_at,
    changed_at
from renamed
