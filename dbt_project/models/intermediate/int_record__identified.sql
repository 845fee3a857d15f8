-- Which dossier each record is of, and by which rule that was decided. A dossier's own code is the one the province
-- gave it (agency ids of provinces begin with H); the provincial system may hold it as its code or, for what began on
-- the national portal, as the other one. A record elsewhere is the same dossier when it bears either, in either order
-- of the agency id.
{{ config(
    materialized='incremental',
    unique_key=['jurisdiction', 'normal_code'],
    meta={'touched': 'code'},
    indexes=[{'columns': ['dossier_code']}]
) }}
with record as (

    select
        jurisdiction,
        system,
        record_code,
        normal_code,
        other_code,
        row_sha256,
        changed_at
    from {{ touched_of('int_record__gathered', 'code', ['jurisdiction', 'normal_code']) }} as touched

),

provincial as (

    select
        jurisdiction,
        record_code,
        normal_code,
        case
            when normal_code not like 'H%' and other_code like 'H%' then other_code else normal_code
        end as dossier_code,
        case
            when normal_code not like 'H%' and other_code like 'H%' then normal_code else other_code
        end as alias_code
    from record
    where system = 'provincial'

),

own as (

    select distinct
        jurisdiction,
        dossier_code
    from provincial

),

alias as (

    select
        jurisdiction,
        alias_code,
        min(dossier_code) as dossier_code
    from provincial
    where alias_code is not null and alias_code <> dossier_code
    group by
        jurisdiction,
        alias_code

),

decided as (

    select
        record.jurisdiction,
        record.system,
        record.record_code,
        record.normal_code,
        coalesce(provincial.dossier_code, own.dossier_code, alias.dossier_code, record.normal_code) as dossier_code,
        case
            when provincial.dossier_code <> record.normal_code then 'other_code'
            when provincial.dossier_code = record.record_code then 'own_code'
            when provincial.dossier_code is not null then 'agency_id_order'
            when own.dossier_code is not null and record.record_code = record.normal_code then 'same_code'
            when own.dossier_code is not null then 'agency_id_order'
            when alias.dossier_code is not null then 'other_code'
            else 'only_here'
        end as identified_by,
        record.row_sha256,
        record.changed_at
    from record
    left join provincial
        on
            record.system = 'provincial'
            and provincial.jurisdiction = record.jurisdiction
            and provincial.record_code = record.record_code
    left join own
        on
            record.system <> 'provincial'
            and own.jurisdiction = record.jurisdiction
            and own.dossier_code = record.normal_code
    left join alias
        on
            record.system <> 'provincial'
            and alias.jurisdiction = record.jurisdiction
            and alias.alias_code = record.normal_code

)

select
    jurisdiction,
    system,
    record_code,
    normal_code,
    dossier_code,
    identified_by,
    -- Of several records of one system the newest speaks for the dossier: the first one here.
    row_number() over (
        partition by jurisdiction, dossier_code, system
        order by changed_at desc, row_sha256 desc, record_code asc
    ) as place
from decided
