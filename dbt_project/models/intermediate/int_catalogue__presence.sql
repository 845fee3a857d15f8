-- Procedure × snapshot: what each catalogue snapshot holds.
select
    snapshot.jurisdiction,
    snapshot.source,
    snapshot.delivery_id,
    snapshot.place,
    snapshot.snapshot_on,
    snapshot.file_sha256,
    service.row_number,
    service.procedure_code,
    service.procedure_name,
    service.competent_unit_code,
    service.content_sha1
from {{ ref('int_catalogue__snapshot') }} as snapshot
inner join {{ ref('stg_cartas__service') }} as service on service.delivery_id = snapshot.delivery_id
