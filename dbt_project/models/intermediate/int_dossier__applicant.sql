-- The pseudonym of who applied, as the system that speaks for the dossier has it. Only counts of it leave the
-- transformation.
{{ config(materialized='incremental', unique_key=['dossier_key'], meta={'touched': 'dossier_key'}) }}
with provincial as (

    select
        delivery_id,
        row_number,
        applicant_pseudonym
    from {{ ref('stg_provincial__dossier') }}
    where applicant_pseudonym is not null

),

portal as (

    select
        delivery_id,
        row_number,
        applicant_pseudonym
    from {{ ref('stg_portal__dossier') }}
    where applicant_pseudonym is not null

),

settled as (

    select
        {{ key_in('jurisdiction', 'dossier_code') }} as dossier_key,
        delivery_id,
        row_number
    from {{ touched_of('int_dossier__settled', 'dossier', ['jurisdiction', 'dossier_code']) }} as touched

)

select
    settled.dossier_key,
    coalesce(provincial.applicant_pseudonym, portal.applicant_pseudonym) as applicant_pseudonym
from settled
left join provincial
    on provincial.delivery_id = settled.delivery_id and provincial.row_number = settled.row_number
left join portal
    on portal.delivery_id = settled.delivery_id and portal.row_number = settled.row_number
where provincial.applicant_pseudonym is not null or portal.applicant_pseudonym is not null
