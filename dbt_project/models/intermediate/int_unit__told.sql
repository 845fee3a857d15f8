-- What the systems say of each dossier's unit: the provincial system's number of it, and the name that the register
-- gives it, or else the portal.
{{ config(materialized='incremental', unique_key=['jurisdiction', 'dossier_code'], meta={'touched': 'code'}) }}
with identified as (

    select
        jurisdiction,
        system,
        record_code,
        dossier_code
    from {{ touched_of('int_record__identified', 'code', ['jurisdiction', 'dossier_code']) }} as touched
    where place = 1

)

select
    identified.jurisdiction,
    identified.dossier_code,
    min(case when identified.system = 'provincial' then record.unit_number end) as unit_number,
    coalesce(
        min(case when identified.system = 'one_stop' then record.unit_name end),
        min(case when identified.system = 'portal' then record.unit_name end)
    ) as unit_name
from identified
inner join {{ those_of('int_record__gathered', 'identified', ['jurisdiction', 'system', 'record_code']) }} as record
    on
        record.jurisdiction = identified.jurisdiction
        and record.system = identified.system
        and record.record_code = identified.record_code
group by
    identified.jurisdiction,
    identified.dossier_code
