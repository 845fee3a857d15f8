-- Every dossier once, with its days in the jurisdiction's zone: as its source's newest delivery has it, or as it was
-- settled between the systems that hold it.
{{ config(materialized='incremental', unique_key=['dossier_key'], meta={'touched': 'dossier_key'}) }}
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

settled as (

    select
        jurisdiction,
        zone,
        source,
        file_sha256,
        row_number,
        row_sha256,
        dossier_code,
        unit_code,
        receiving_unit_code,
        procedure_code,
        channel_code,
        field_code,
        status,
        submitted_at,
        received_at,
        first_due_at,
        due_at,
        held_due_at,
        due_moves,
        due_from,
        resolved_at,
        resolved_from,
        returned_at,
        closed_otherwise_at
    from {{ touched_of('int_dossier__settled', 'dossier', ['jurisdiction', 'dossier_code']) }} as touched

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
    where ranked.recency = 1 and {{ is_touched('dossier', ['ranked.jurisdiction', 'boston311.dossier_code']) }}

),

every as (

    select
        jurisdiction,
        zone,
        source,
        file_sha256,
        row_number,
        row_sha256,
        dossier_code,
        unit_code,
        unit_code as receiving_unit_code,
        competent_unit_code,
        procedure_code,
        channel_code,
        field_name,
        source_verdict,
        cast(null as {{ dbt.type_string() }}) as status,
        cast(null as {{ type_instant() }}) as submitted_at,
        received_at,
        due_at as first_due_at,
        due_at,
        due_at as held_due_at,
        cast(0 as bigint) as due_moves,
        case when due_at is not null then source end as due_from,
        resolved_at,
        case when resolved_at is not null then source end as resolved_from,
        cast(null as {{ type_instant() }}) as returned_at,
        closed_otherwise_at
    from delivered
    where recency = 1
    union all
    select
        jurisdiction,
        zone,
        source,
        file_sha256,
        row_number,
        row_sha256,
        dossier_code,
        unit_code,
        receiving_unit_code,
        unit_code as competent_unit_code,
        procedure_code,
        channel_code,
        field_code as field_name,
        cast(null as {{ dbt.type_string() }}) as source_verdict,
        status,
        submitted_at,
        received_at,
        -- Only the provincial system keeps a first promise and what it became; of others the date they tell is both.
        coalesce(first_due_at, due_at) as first_due_at,
        due_at,
        coalesce(held_due_at, due_at) as held_due_at,
        coalesce(due_moves, 0) as due_moves,
        due_from,
        resolved_at,
        resolved_from,
        returned_at,
        closed_otherwise_at
    from settled

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
    receiving_unit_code,
    competent_unit_code,
    procedure_code,
    channel_code,
    field_name,
    source_verdict,
    status,
    submitted_at,
    received_at,
    first_due_at,
    due_at,
    held_due_at,
    due_moves,
    due_from,
    resolved_at,
    resolved_from,
    returned_at,
    closed_otherwise_at,
    case
        when closed_otherwise_at is null then null
        when status = '3' then 'refused'
        else 'withdrawn'
    end as closed_as,
    {{ local_date('received_at', 'zone') }} as received_on,
    {{ local_date('due_at', 'zone') }} as due_on,
    {{ local_date('resolved_at', 'zone') }} as resolved_on
from every
