{{ config(materialized='incremental', unique_key=['dossier_key'], meta={'touched': 'dossier_key'}) }}
with identified as (

    select
        jurisdiction,
        system,
        record_code,
        dossier_code,
        identified_by
    from {{ touched_of('int_record__identified', 'dossier', ['jurisdiction', 'dossier_code']) }} as touched

),

record as (

    select
        jurisdiction,
        system,
        record_code,
        status,
        sync_state,
        submitted_at,
        received_at,
        due_at,
        resolved_at,
        changed_at,
        file_sha256,
        row_number,
        row_sha256
    from {{ those_of('int_record__gathered', 'identified', ['jurisdiction', 'system', 'record_code']) }} as known

)

select
    {{ grain_key(['record.jurisdiction', 'record.system', 'record.record_code']) }} as dossier_record_key,
    {{ key_in('record.jurisdiction', 'identified.dossier_code') }} as dossier_key,
    record.jurisdiction,
    record.system,
    record.record_code,
    identified.identified_by,
    record.status,
    record.sync_state,
    record.submitted_at,
    record.received_at,
    record.due_at,
    record.resolved_at,
    record.changed_at,
    record.file_sha256,
    record.row_number,
    record.row_sha256
from record
inner join identified
    on
        identified.jurisdiction = record.jurisdiction
        and identified.system = record.system
        and identified.record_code = record.record_code
