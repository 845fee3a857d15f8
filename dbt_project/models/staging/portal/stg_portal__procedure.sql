with source as (

    select
        _delivery_id,
        _row_number,
        _row_sha256,
        matthc,
        malinhvuc,
        idquyetdinhcongbo,
        tentthc,
        tenlinhvuc,
        capthuchien,
        trangthai
    from {{ source('portal', 'portal__procedure') }}

),

renamed as (

    select
        -- ids
        _delivery_id as delivery_id,
        _row_number as row_number,
        {{ hex_of('_row_sha256') }} as row_sha256,
        matthc as procedure_code,
        malinhvuc as field_code,
        idquyetdinhcongbo as decision_code,

        -- strings
        tentthc as procedure_name,
        tenlinhvuc as field_name,
        capthuchien as levels,
        trangthai as state
    from source

)

select
    delivery_id,
    row_number,
    row_sha256,
    procedure_code,
    field_code,
    decision_code,
    procedure_name,
    field_name,
    levels,
    state
from renamed
