with source as (

    select
        _delivery_id,
        _row_number,
        _row_sha256,
        service_id,
        nome,
        orgao_id,
        blob_sha1
    from {{ source('cartas', 'cartas__service') }}

),

renamed as (

    select
        -- ids
        _delivery_id as delivery_id,
        _row_number as row_number,
        {{ hex_of('_row_sha256') }} as row_sha256,
        service_id as procedure_code,
        orgao_id as competent_unit_code,
        blob_sha1 as content_sha1,

        -- strings
        nome as procedure_name
    from source

)

select
    delivery_id,
    row_number,
    row_sha256,
    procedure_code,
    competent_unit_code,
    content_sha1,
    procedure_name
from renamed
