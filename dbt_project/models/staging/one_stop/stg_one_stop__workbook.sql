with source as (

    select
        _delivery_id,
        _row_number,
        _row_sha256,
        dossier_code,
        procedure_code,
        applicant_identity,
        procedure_name,
        field_name,
        unit_name,
        channel,
        status,
        received_at,
        due_at,
        resolved_at
    from {{ source('one_stop', 'one_stop__workbook') }}

),

renamed as (

    select
        -- ids
        _delivery_id as delivery_id,
        _row_number as row_number,
        {{ hex_of('_row_sha256') }} as row_sha256,
        dossier_code as record_code,
        procedure_code,
        applicant_identity as applicant_pseudonym,

        -- strings
        procedure_name,
        field_name,
        unit_name,
        {{ one_stop_channel('channel') }} as channel_code,
        {{ one_stop_status('status') }} as status,

        -- instants
        received_at,
        due_at,
        resolved_at
    from source

)

select
    delivery_id,
    row_number,
    row_sha256,
    record_code,
    procedure_code,
    applicant_pseudonym,
    procedure_name,
    field_name,
    unit_name,
    channel_code,
    status,
    received_at,
    due_at,
    resolved_at
from renamed
