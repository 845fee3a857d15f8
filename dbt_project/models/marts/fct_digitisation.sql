-- What the provincial system and the portal tell of a dossier's digitisation, of Đề án 06 and of payment online: one
-- row a dossier that either of them holds, each side's word in columns of its own. Of several records of one system the
-- newest speaks, as everywhere.
{{ config(materialized='incremental', unique_key=['dossier_key'], meta={'touched': 'dossier_key'}) }}
with identified as (

    select
        jurisdiction,
        system,
        record_code,
        dossier_code
    from {{ touched_of('int_record__identified', 'dossier', ['jurisdiction', 'dossier_code']) }} as touched
    where place = 1 and system in ('provincial', 'portal')

),

record as (

    select
        record.system,
        record.source,
        record.delivery_id,
        record.file_sha256,
        record.row_number,
        record.row_sha256,
        {{ key_in('record.jurisdiction', 'identified.dossier_code') }} as dossier_key
    from identified
    inner join {{ those_of('int_record__gathered', 'identified', ['jurisdiction', 'system', 'record_code']) }} as record
        on
            record.jurisdiction = identified.jurisdiction
            and record.system = identified.system
            and record.record_code = identified.record_code

),

province as (

    select
        record.dossier_key,
        record.source,
        record.file_sha256,
        record.row_number,
        record.row_sha256,
        told.result_digitised,
        told.data_reused
    from record
    inner join {{ ref('stg_provincial__dossier') }} as told
        on told.delivery_id = record.delivery_id and told.row_number = record.row_number
    where record.system = 'provincial'

),

portal as (

    select
        record.dossier_key,
        record.source,
        record.file_sha256,
        record.row_number,
        record.row_sha256,
        case told.digitised_parts when '1' then true when '0' then false end as parts_digitised,
        {{ names_code('told.asked_databases', '7') }} as population_linked,
        case told.verified_account when '1' then true when '0' then false end as account_verified,
        case told.paid_online
            when '1' then 'portal'
            when '2' then 'gateway'
            when '3' then 'offline'
            when '0' then 'none'
        end as online_payment
    from record
    inner join {{ ref('stg_portal__dossier') }} as told
        on told.delivery_id = record.delivery_id and told.row_number = record.row_number
    where record.system = 'portal'

)

select
    dossier.dossier_key,
    dossier.jurisdiction,
    dossier.unit_key,
    dossier.procedure_key,
    dossier.channel_key,
    dossier.received_month,
    dossier.state,
    province.dossier_key is not null as in_province,
    portal.dossier_key is not null as on_portal,
    province.result_digitised,
    province.data_reused,
    portal.parts_digitised,
    portal.population_linked,
    portal.account_verified,
    portal.online_payment,
    coalesce(province.source, portal.source) as source,
    coalesce(province.file_sha256, portal.file_sha256) as file_sha256,
    coalesce(province.row_number, portal.row_number) as row_number,
    coalesce(province.row_sha256, portal.row_sha256) as row_sha256
from {{ touched_of('fct_dossier', 'dossier_key', ['dossier_key']) }} as dossier
left join province on province.dossier_key = dossier.dossier_key
left join portal on portal.dossier_key = dossier.dossier_key
where
    (province.dossier_key is not null or portal.dossier_key is not null)
