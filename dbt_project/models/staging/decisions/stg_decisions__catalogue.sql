with source as (

    select
        _delivery_id,
        _row_number,
        _row_sha256,
        procedure_code,
        procedure_name,
        issuer,
        agency_name,
        field_name
    from {{ source('decisions', 'decisions__catalogue') }}

),

renamed as (

    select
        -- ids
        _delivery_id as delivery_id,
        _row_number as row_number,
        {{ hex_of('_row_sha256') }} as row_sha256,
        procedure_code,

        -- strings
        procedure_name,
        issuer,
        agency_name as levels,
        field_name
    from source

)

select
    delivery_id,
    row_number,
    row_sha256,
    procedure_code,
    procedure_name,
    issuer,
    levels,
    field_name
from renamed
