-- Where the province and the national portal do not say the same of a dossier.
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
    from {{ ref('fct_dossier_record') }}

),

compared as (

    select distinct jurisdiction
    from record
    where system = 'portal'

),

dossier as (

    select
        dossier.dossier_key,
        dossier.jurisdiction,
        dossier.unit_key,
        dossier.procedure_key,
        jurisdiction.zone
    from {{ ref('fct_dossier') }} as dossier
    inner join {{ source('reference', 'jurisdiction') }} as jurisdiction
        on jurisdiction.jurisdiction = dossier.jurisdiction
    -- Only where there is a portal to compare with.
    inner join compared on compared.jurisdiction = dossier.jurisdiction

),

beside as (

    select
        dossier.dossier_key,
        dossier.jurisdiction,
        dossier.unit_key,
        dossier.procedure_key,
        dossier.zone,
        province.record_code as province_code,
        province.status as province_status,
        province.sync_state as province_sync_state,
        province.submitted_at as province_submitted_at,
        province.received_at as province_received_at,
        province.due_at as province_due_at,
        portal.record_code as portal_code,
        portal.status as portal_status,
        portal.submitted_at as portal_submitted_at,
        portal.received_at as portal_received_at,
        portal.due_at as portal_due_at,
        portal.records as portal_records
    from dossier
    left join record as province
        on province.dossier_key = dossier.dossier_key and province.system = 'provincial' and province.place = 1
    left join record as portal
        on portal.dossier_key = dossier.dossier_key and portal.system = 'portal' and portal.place = 1

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
