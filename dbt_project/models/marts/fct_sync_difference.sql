-- Where the province and the national portal do not say the same of a dossier.
with record as (

    select
        dossier_key,
        jurisdiction,
        system,
        record_code,
        status,
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
        province.due_at as province_due_at,
        portal.record_code as portal_code,
        portal.status as portal_status,
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
        jurisdiction,
        unit_key,
        procedure_key,
        'missing_on_portal' as kind,
        province_code,
        province_status,
        province_due_at,
        portal_code,
        portal_status,
        portal_due_at
    from beside
    where portal_code is null
    union all
    select
        dossier_key,
        jurisdiction,
        unit_key,
        procedure_key,
        'missing_in_province' as kind,
        province_code,
        province_status,
        province_due_at,
        portal_code,
        portal_status,
        portal_due_at
    from beside
    where portal_code is not null and province_code is null
    union all
    select
        dossier_key,
        jurisdiction,
        unit_key,
        procedure_key,
        'status_differs' as kind,
        province_code,
        province_status,
        province_due_at,
        portal_code,
        portal_status,
        portal_due_at
    from beside
    where province_status <> portal_status
    union all
    select
        dossier_key,
        jurisdiction,
        unit_key,
        procedure_key,
        'due_date_differs' as kind,
        province_code,
        province_status,
        province_due_at,
        portal_code,
        portal_status,
        portal_due_at
    from beside
    where {{ local_date('province_due_at', 'zone') }} <> {{ local_date('portal_due_at', 'zone') }}
    union all
    select
        dossier_key,
        jurisdiction,
        unit_key,
        procedure_key,
        'twice_on_portal' as kind,
        province_code,
        province_status,
        province_due_at,
        portal_code,
        portal_status,
        portal_due_at
    from beside
    where portal_records > 1

)

select
    {{ grain_key(['dossier_key', 'kind']) }} as sync_difference_key,
    dossier_key,
    jurisdiction,
    unit_key,
    procedure_key,
    kind,
    province_code,
    province_status,
    province_due_at,
    portal_code,
    portal_status,
    portal_due_at
from difference
