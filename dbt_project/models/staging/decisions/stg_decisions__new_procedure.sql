with source as (

    select
        _delivery_id,
        _row_number,
        _row_sha256,
        line_number,
        procedure_code,
        procedure_name,
        field_name,
        agency_name,
        levels
    from {{ source('decisions', 'decisions__new_procedure') }}

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
        field_name,
        agency_name,
        levels
    from source

)

select
    delivery_id,
    row_number,
    row_sha256,
    line_number,
    procedure_code,
    procedure_name,
    field_name,
    agency_name,
    levels
from renamed
