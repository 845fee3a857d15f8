with source as (

    select
        _delivery_id,
        _row_number,
        _row_sha256,
        ticket_number,
        counter,
        visited_on,
        drawn_at,
        called_at,
        served_at
    from {{ source('centre', 'centre__ticket') }}

),

renamed as (

    select
        -- ids
        _delivery_id as delivery_id,
        _row_number as row_number,
        {{ hex_of('_row_sha256') }} as row_sha256,
        ticket_number,
        counter,

        -- dates
        visited_on,

        -- instants
        drawn_at,
        called_at,
        served_at
    from source

)

select
    delivery_id,
    row_number,
    row_sha256,
    ticket_number,
    counter,
    visited_on,
    drawn_at,
    called_at,
    served_at
from renamed
