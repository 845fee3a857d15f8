-- Every dossier record of the systems that hold some of a province's dossiers, each as its system has it now: the
-- newest version by the system's own stamp. Records a system has deleted are not held by it any more.
-- What the last build left here is read by int_code__touched, which therefore comes first.
-- depends_on: {{ ref('int_code__touched') }}
{{ config(
    materialized='incremental',
    unique_key=['jurisdiction', 'system', 'record_code'],
    meta={'touched': 'record'},
    indexes=[{'columns': ['normal_code']}]
) }}
with delivery as (

    select
        delivery_id,
        jurisdiction,
        zone,
        source,
        stream,
        version,
        file_sha256
    from {{ ref('int_delivery__ranked') }}
    where source in ('provincial', 'one_stop', 'portal')

),

provincial as (

    select
        'provincial' as system,
        dossier.delivery_id,
        dossier.row_number,
        dossier.row_sha256,
        dossier.record_code,
        dossier.other_code,
        dossier.unit_number,
        cast(null as {{ dbt.type_string() }}) as unit_name,
        dossier.procedure_code,
        dossier.field_code,
        dossier.channel_code,
        dossier.status,
        dossier.sync_state,
        dossier.submitted_at,
        dossier.received_at,
        dossier.due_at,
        dossier.first_due_at,
        dossier.resolved_at,
        dossier.returned_at,
        dossier.refused_at,
        dossier.deleted_at,
        dossier.changed_at
    from {{ ref('stg_provincial__dossier') }} as dossier

),

one_stop_lines as (

    select
        delivery_id,
        row_number,
        row_sha256,
        record_code,
        procedure_code,
        unit_name,
        channel_code,
        status,
        received_at,
        due_at,
        resolved_at
    from {{ ref('stg_one_stop__workbook') }}
    union all
    select
        delivery_id,
        row_number,
        row_sha256,
        record_code,
        procedure_code,
        unit_name,
        channel_code,
        status,
        received_at,
        due_at,
        resolved_at
    from {{ ref('stg_one_stop__csv') }}
    union all
    select
        delivery_id,
        row_number,
        row_sha256,
        record_code,
        procedure_code,
        unit_name,
        channel_code,
        status,
        received_at,
        due_at,
        resolved_at
    from {{ ref('stg_one_stop__unicode_text') }}

),

one_stop as (

    select
        'one_stop' as system,
        line.delivery_id,
        line.row_number,
        line.row_sha256,
        line.record_code,
        cast(null as {{ dbt.type_string() }}) as other_code,
        cast(null as bigint) as unit_number,
        line.unit_name,
        line.procedure_code,
        cast(null as {{ dbt.type_string() }}) as field_code,
        line.channel_code,
        line.status,
        cast(null as {{ dbt.type_string() }}) as sync_state,
        cast(null as {{ type_instant() }}) as submitted_at,
        line.received_at,
        line.due_at,
        cast(null as {{ type_instant() }}) as first_due_at,
        line.resolved_at,
        -- An office's export does not tell when the result was returned.
        cast(null as {{ type_instant() }}) as returned_at,
        case when line.status in ('3', '7') then coalesce(line.resolved_at, delivery.version) end as refused_at,
        cast(null as {{ type_instant() }}) as deleted_at,
        -- An export is as new as the day it was made.
        delivery.version as changed_at
    from one_stop_lines as line
    inner join delivery on delivery.delivery_id = line.delivery_id

),

portal as (

    select
        'portal' as system,
        delivery_id,
        row_number,
        row_sha256,
        record_code,
        cast(null as {{ dbt.type_string() }}) as other_code,
        cast(null as bigint) as unit_number,
        unit_name,
        procedure_code,
        field_code,
        channel_code,
        status,
        cast(null as {{ dbt.type_string() }}) as sync_state,
        submitted_at,
        received_at,
        due_at,
        cast(null as {{ type_instant() }}) as first_due_at,
        resolved_at,
        returned_at,
        refused_at,
        cast(null as {{ type_instant() }}) as deleted_at,
        changed_at
    from {{ ref('stg_portal__dossier') }}

),

gathered as (

    select
        system,
        delivery_id,
        row_number,
        row_sha256,
        record_code,
        other_code,
        unit_number,
        unit_name,
        procedure_code,
        field_code,
        channel_code,
        status,
        sync_state,
        submitted_at,
        received_at,
        due_at,
        first_due_at,
        resolved_at,
        returned_at,
        refused_at,
        deleted_at,
        changed_at
    from provincial
    union all
    select
        system,
        delivery_id,
        row_number,
        row_sha256,
        record_code,
        other_code,
        unit_number,
        unit_name,
        procedure_code,
        field_code,
        channel_code,
        status,
        sync_state,
        submitted_at,
        received_at,
        due_at,
        first_due_at,
        resolved_at,
        returned_at,
        refused_at,
        deleted_at,
        changed_at
    from one_stop
    union all
    select
        system,
        delivery_id,
        row_number,
        row_sha256,
        record_code,
        other_code,
        unit_number,
        unit_name,
        procedure_code,
        field_code,
        channel_code,
        status,
        sync_state,
        submitted_at,
        received_at,
        due_at,
        first_due_at,
        resolved_at,
        returned_at,
        refused_at,
        deleted_at,
        changed_at
    from portal

),

ranked as (

    select
        delivery.jurisdiction,
        delivery.zone,
        delivery.source,
        delivery.stream,
        delivery.file_sha256,
        gathered.system,
        gathered.delivery_id,
        gathered.row_number,
        gathered.row_sha256,
        gathered.record_code,
        gathered.other_code,
        gathered.unit_number,
        gathered.unit_name,
        gathered.procedure_code,
        gathered.field_code,
        gathered.channel_code,
        gathered.status,
        gathered.sync_state,
        gathered.submitted_at,
        gathered.received_at,
        gathered.due_at,
        gathered.first_due_at,
        gathered.resolved_at,
        gathered.returned_at,
        gathered.refused_at,
        gathered.deleted_at,
        gathered.changed_at,
        row_number() over (
            partition by delivery.jurisdiction, gathered.system, gathered.record_code
            order by
                gathered.changed_at desc, gathered.row_sha256 desc, delivery.file_sha256 desc, gathered.row_number asc
        ) as recency
    from gathered
    inner join delivery on delivery.delivery_id = gathered.delivery_id
    where {{ is_touched('record', ['delivery.jurisdiction', 'gathered.system', 'gathered.record_code']) }}

)

select
    jurisdiction,
    zone,
    system,
    source,
    stream,
    delivery_id,
    file_sha256,
    row_number,
    row_sha256,
    record_code,
    {{ dossier_code('record_code') }} as normal_code,
    {{ dossier_code('other_code') }} as other_code,
    unit_number,
    unit_name,
    procedure_code,
    field_code,
    channel_code,
    status,
    sync_state,
    submitted_at,
    received_at,
    {{ plausible('due_at') }} as due_at,
    {{ plausible('first_due_at') }} as first_due_at,
    resolved_at,
    {{ plausible('returned_at') }} as returned_at,
    -- Paused dossiers (8) stay open; refused (3) and withdrawn ones (7) are closed otherwise.
    case when status in ('3', '7') then refused_at end as closed_otherwise_at,
    changed_at
from ranked
where recency = 1 and deleted_at is null
