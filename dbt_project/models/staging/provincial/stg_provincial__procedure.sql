with source as (

    select
        _delivery_id,
        _row_number,
        _row_sha256,
        matthc,
        malinhvuc,
        tentthc,
        tenlinhvuc,
        loaithoigianthuchien,
        lienthong,
        thoigianthuchien,
        coquytrinhnoibo,
        dichvuthietyeu
    from {{ source('provincial', 'provincial__procedure') }}

),

renamed as (

    select
        -- ids
        _delivery_id as delivery_id,
        _row_number as row_number,
        {{ hex_of('_row_sha256') }} as row_sha256,
        matthc as procedure_code,
        malinhvuc as field_code,

        -- strings
        tentthc as procedure_name,
        tenlinhvuc as field_name,
        loaithoigianthuchien as limit_unit,
        lienthong as interlinking,

        -- numbers
        thoigianthuchien as time_limit,

        -- booleans
        coquytrinhnoibo as has_workflow,
        dichvuthietyeu as is_essential
    from source

)

select
    delivery_id,
    row_number,
    row_sha256,
    procedure_code,
    field_code,
    procedure_name,
    field_name,
    limit_unit,
    interlinking,
    time_limit,
    has_workflow,
    is_essential
from renamed
