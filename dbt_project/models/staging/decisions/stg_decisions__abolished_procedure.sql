with source as (

    select
        _delivery_id,
        _row_number,
        _row_sha256,
        line_number,
        procedure_code,
        procedure_name,
        grounds,
        field_name,
        agency_name
    from {{ source('decisions', 'decisions__abolished_procedure') }}

),

renamed as (

    select
        -- ids
        _delivery_id as delivery_id,
        _row_number as row_number,
        {{ hex_of('_row_sha256') }} as row_sha256,
        line_number,
        procedure_code,

        -- strings
        procedure_name,
        grounds,
        field_name,
        agency_name
    from source

)

select
    delivery_id,
    row_number,
    row_sha256,
    line_number,
    procedure_code,
    procedure_name,
    grounds,
    field_name,
    agency_name
from renamed
