-- Every dossier once, as its source's newest delivery has it, with its days in the jurisdiction's zone.
with boston311 as (

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
        source_verdict,
        received_at,
        due_at,
        resolved_at,
        cast(null as {{ type_instant() }}) as closed_otherwise_at
    from {{ ref('stg_boston311__case') }}

),

delivered as (

    select
        ranked.jurisdiction,
        ranked.zone,
        ranked.source,
        ranked.file_sha256,
        boston311.delivery_id,
        boston311.row_number,
        boston311.row_sha256,
        boston311.dossier_code,
        boston311.unit_code,
        boston311.competent_unit_code,
        boston311.procedure_code,
        boston311.channel_code,
        boston311.field_name,
        boston311.source_verdict,
        boston311.received_at,
        boston311.due_at,
        boston311.resolved_at,
        boston311.closed_otherwise_at,
        -- Rows equal byte for byte may repeat within a delivery; they are one dossier.
        row_number() over (
            partition by ranked.jurisdiction, boston311.dossier_code
            order by ranked.version desc, ranked.file_sha256 desc, boston311.row_number asc
        ) as recency
    from boston311
    inner join {{ ref('int_delivery__ranked') }} as ranked on ranked.delivery_id = boston311.delivery_id
    where ranked.recency = 1

)

select
    {{ key_in('jurisdiction', 'dossier_code') }} as dossier_key,
    jurisdiction,
    zone,
    source,
    file_sha256,
    row_number,
    row_sha256,
    dossier_code,
    unit_code,
    competent_unit_code,
    procedure_code,
    channel_code,
    field_name,
    source_verdict,
    received_at,
    due_at,
    resolved_at,
    closed_otherwise_at,
    {{ local_date('received_at', 'zone') }} as received_on,
    {{ local_date('due_at', 'zone') }} as due_on,
    {{ local_date('resolved_at', 'zone') }} as resolved_on
from delivered
where recency = 1
