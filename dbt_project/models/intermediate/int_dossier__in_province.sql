-- Which dossier each code of the provincial system is, with what a fact about it needs: ratings, petitions and payments
-- name their dossier by that code.
{{ config(materialized='incremental', unique_key=['dossier_key'], meta={'touched': 'dossier_key'}) }}
with record as (

    select
        jurisdiction,
        record_code,
        {{ key_in('jurisdiction', 'dossier_code') }} as dossier_key
    from {{ touched_of('int_record__identified', 'dossier', ['jurisdiction', 'dossier_code']) }} as touched
    where system = 'provincial'

)

select
    record.jurisdiction,
    record.record_code,
    record.dossier_key,
    {{ key_in('dossier.jurisdiction', 'dossier.unit_code') }} as unit_key,
    {{ key_in('dossier.jurisdiction', 'dossier.procedure_code') }} as procedure_key,
    {{ month_start('dossier.received_on') }} as received_month
from record
inner join {{ touched_of('int_dossier__current', 'dossier_key', ['dossier_key']) }} as dossier
    on dossier.dossier_key = record.dossier_key
