with source as (

    select
        _delivery_id,
        _row_number,
        _row_sha256,
        matthc,
        donviid,
        mucdo
    from {{ source('provincial', 'provincial__procedure_unit') }}

),

renamed as (

    select
        -- ids
        _delivery_id as delivery_id,
        _row_number as row_number,
        {{ hex_of('_row_sha256') }} as row_sha256,
        matthc as procedure_code,
        donviid as unit_number,

        -- strings
        mucdo as online_level
    from source

)

select
    delivery_id,
    row_number,
    row_sha256,
    procedure_code,
    unit_number,
    online_level
from renamed
