with source as (

    select
        _delivery_id,
        _row_number,
        _row_sha256,
        decision_code,
        issuer,
        summary,
        signed_on,
        effective_on
    from {{ source('decisions', 'decisions__head') }}

),

renamed as (

    select
        -- ids
        _delivery_id as delivery_id,
        _row_number as row_number,
        {{ hex_of('_row_sha256') }} as row_sha256,
        decision_code,

        -- strings
        issuer,
        summary,

        -- dates
        signed_on,
        effective_on
    from source

)

select
    delivery_id,
    row_number,
    row_sha256,
    decision_code,
    issuer,
    summary,
    signed_on,
    effective_on
from renamed
