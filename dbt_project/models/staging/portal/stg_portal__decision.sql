with source as (

    select
        _delivery_id,
        _row_number,
        _row_sha256,
        soquyetdinh,
        coquanbanhanh,
        sotthc,
        ngayky,
        ngayhieuluc
    from {{ source('portal', 'portal__decision') }}

),

renamed as (

    select
        -- ids
        _delivery_id as delivery_id,
        _row_number as row_number,
        {{ hex_of('_row_sha256') }} as row_sha256,
        soquyetdinh as decision_code,

        -- strings
        coquanbanhanh as issuer,

        -- numbers
        sotthc as procedures,

        -- instants
        ngayky as signed_at,
        ngayhieuluc as effective_at
    from source

)

select
    delivery_id,
    row_number,
    row_sha256,
    decision_code,
    issuer,
    procedures,
    signed_at,
    effective_at
from renamed
