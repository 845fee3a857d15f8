-- Where the province and the national portal do not say the same of a dossier.
{{ config(materialized='incremental', unique_key=['dossier_key'], meta={'touched': 'dossier_key'}) }}
with record as (

    select
        dossier_key,
        jurisdiction,
        system,
        record_code,
        status,
        sync_state,
        submitted_at,
        received_at,
        due_at,
        row_number() over (
            partition by dossier_key, system
            order by changed_at desc, row_sha256 desc, record_code asc
        ) as place,
        count(*) over (
            partition by dossier_key, system
        ) as records
    from {{ touched_of('fct_dossier_record', 'dossier_key', ['dossier_key']) }} as touched

),

compared as (

    select distinct jurisdiction
    from {{ ref('fct_dossier_record') }}
    where system = 'portal'

),

dossier as (

    select
        dossier.dossier_key,
        dossier.jurisdiction,
        dossier.unit_key,
        dossier.procedure_key,
        jurisdiction.zone
    from {{ touched_of('fct_dossier', 'dossier_key', ['dossier_key']) }} as dossier
    inner join {{ source('reference', 'jurisdiction') }} as jurisdiction
        on jurisdiction.jurisdiction = dossier.jurisdiction
    -- Only where there is a portal to compare with.
    inner join compared on compared.jurisdiction = dossier.jurisdiction

),

-- Each side's newest record, by columns and without a filter or a join: a planner that takes the newest ones for a
-- handful compares every dossier with every record (41 s for 6,923 on a busy machine).
newest as (

    select
        dossier_key,
        min(case when system = 'provincial' and place = 1 then record_code end) as province_code,
        min(case when system = 'provincial' and place = 1 then status end) as province_status,
        min(case when system = 'provincial' and place = 1 then sync_state end) as province_sync_state,
        min(case when system = 'provincial' and place = 1 then submitted_at end) as province_submitted_at,
        min(case when system = 'provincial' and place = 1 then received_at end) as province_received_at,
        min(case when system = 'provincial' and place = 1 then due_at end) as province_due_at,
        min(case when system = 'portal' and place = 1 then record_code end) as portal_code,
        min(case when system = 'portal' and place = 1 then status end) as portal_status,
        min(case when system = 'portal' and place = 1 then submitted_at end) as portal_submitted_at,
        min(case when system = 'portal' and place = 1 then received_at end) as portal_received_at,
        min(case when system = 'portal' and place = 1 then due_at end) as portal_due_at,
        min(case when system = 'portal' and place = 1 then records end) as portal_records
    from record
    group by dossier_key

),

beside as (

    select
        dossier.dossier_key,
        dossier.jurisdiction,
        dossier.unit_key,
        dossier.procedure_key,
        dossier.zone,
        newest.province_code,
        newest.province_status,
        newest.province_sync_state,
        newest.province_submitted_at,
        newest.province_received_at,
        newest.province_due_at,
        newest.portal_code,
        newest.portal_status,
        newest.portal_submitted_at,
        newest.portal_received_at,
        newest.portal_due_at,
        newest.portal_records
    from dossier
    left join newest on newest.dossier_key = dossier.dossier_key

),

difference as (

    select
        dossier_key,
        'missing_on_portal' as kind
    from beside
    where portal_code is null
    union all
    select
        dossier_key,
        'missing_in_province' as kind
    from beside
    where portal_code is not null and province_code is null
    union all
    select
        dossier_key,
        'status_differs' as kind
    from beside
    where province_status <> portal_status
    union all
    select
        dossier_key,
        'due_date_differs' as kind
    from beside
    where {{ local_date('province_due_at', 'zone') }} <> {{ local_date('portal_due_at', 'zone') }}
    union all
    select
        dossier_key,
        'due_date_missing_on_portal' as kind
    from beside
    where portal_code is not null and portal_due_at is null and province_due_at is not null
    union all
    select
        dossier_key,
        'received_differs' as kind
    from beside
    -- The portal writes whole seconds.
    where {{ epoch_seconds('province_received_at') }} <> {{ epoch_seconds('portal_received_at') }}
    union all
    select
        dossier_key,
        'submitted_differs' as kind
    from beside
    where {{ epoch_seconds('province_submitted_at') }} <> {{ epoch_seconds('portal_submitted_at') }}
    union all
    select
        dossier_key,
        'twice_on_portal' as kind
    from beside
    where portal_records > 1
    union all
    select
        dossier_key,
        'sync_state_contradicted' as kind
    from beside
    -- Its push was answered "exists already" and taken for a failure; the portal has the dossier.
    where province_sync_state = '2' and portal_code is not null

)

select
    {{ grain_key(['beside.dossier_key', 'difference.kind']) }} as sync_difference_key,
    beside.dossier_key,
    beside.jurisdiction,
    beside.unit_key,
    beside.procedure_key,
    difference.kind,
    beside.province_code,
    beside.province_status,
    beside.province_sync_state,
    beside.province_submitted_at,
    beside.province_received_at,
    beside.province_due_at,
    beside.portal_code,
    beside.portal_status,
    beside.portal_submitted_at,
    beside.portal_received_at,
    beside.portal_due_at
from difference
inner join beside on beside.dossier_key = difference.dossier_key
