with source as (

    select
        _delivery_id,
        _row_number,
        _row_sha256,
        case_enquiry_id,
        open_dt,
        target_dt,
        closed_dt,
        ontime_status,
        case_status,
        subject,
        reason,
        type,
        queue,
        department,
        source,
        neighborhood
    from {{ source('boston311', 'boston311__case') }}

),

renamed as (

    select
        -- ids
        _delivery_id as delivery_id,
        _row_number as row_number,
        {{ hex_of('_row_sha256') }} as row_sha256,
        case_enquiry_id as dossier_code,
        department as unit_code,
        subject as competent_unit_code,
        type as procedure_code,
        source as channel_code,

        -- strings
        reason as field_name,
        queue as queue_name,
        neighborhood as area_name,
        case_status as source_status,
        case
            when ontime_status = 'ONTIME' then 'on_time'
            when ontime_status = 'OVERDUE' then 'late'
        end as source_verdict,

        -- instants
        open_dt as received_at,
        target_dt as due_at,
        closed_dt as resolved_at
    from source

)

select
    delivery_id,
    row_number,
    row_sha256,
    dossier_code,
    unit_code,
    competent_unit_code,
    procedure_code,
    channel_code,
    field_name,
    queue_name,
    area_name,
    source_status,
    source_verdict,
    received_at,
    due_at,
    resolved_at
from renamed
