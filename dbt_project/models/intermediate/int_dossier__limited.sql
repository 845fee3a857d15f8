-- The time limit of each dossier: as its provincial record has it, else as its procedure does there now.
{{ config(materialized='incremental', unique_key=['dossier_key'], meta={'touched': 'dossier_key'}) }}
with dossier as (

    select
        dossier_key,
        jurisdiction,
        zone,
        dossier_code,
        procedure_code,
        received_at,
        received_on
    from {{ touched_of('int_dossier__current', 'dossier_key', ['dossier_key']) }} as touched

),

own as (

    select
        settled.jurisdiction,
        settled.dossier_code,
        record.time_limit,
        {{ limit_unit('record.limit_unit') }} as limit_unit
    from {{ touched_of('int_dossier__settled', 'dossier', ['jurisdiction', 'dossier_code']) }} as settled
    inner join {{ ref('stg_provincial__dossier') }} as record
        on record.delivery_id = settled.delivery_id and record.row_number = settled.row_number
    where
        settled.in_provincial and record.time_limit is not null and record.limit_unit is not null

)

select
    dossier.dossier_key,
    dossier.jurisdiction,
    dossier.zone,
    dossier.received_at,
    dossier.received_on,
    coalesce(own.time_limit, of_procedure.time_limit) as time_limit,
    coalesce(own.limit_unit, of_procedure.limit_unit) as limit_unit,
    case
        when own.time_limit is not null then 'dossier'
        when of_procedure.time_limit is not null then 'procedure'
    end as limit_from
from dossier
left join own
    on own.jurisdiction = dossier.jurisdiction and own.dossier_code = dossier.dossier_code
left join {{ ref('int_procedure__limited') }} as of_procedure
    on of_procedure.jurisdiction = dossier.jurisdiction and of_procedure.procedure_code = dossier.procedure_code
