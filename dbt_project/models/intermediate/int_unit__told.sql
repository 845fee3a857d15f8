-- What the systems say of each dossier's unit: the provincial system's number of it, and the name that the register
-- gives it, or else the portal.
{{ config(materialized='incremental', unique_key=['jurisdiction', 'dossier_code'], meta={'touched': 'code'}) }}
select
    identified.jurisdiction,
    identified.dossier_code,
    min(case when identified.system = 'provincial' then record.unit_number end) as unit_number,
    coalesce(
        min(case when identified.system = 'one_stop' then record.unit_name end),
        min(case when identified.system = 'portal' then record.unit_name end)
    ) as unit_name
from {{ ref('int_record__gathered') }} as record
inner join {{ ref('int_record__identified') }} as identified
    on
        identified.jurisdiction = record.jurisdiction
        and identified.system = record.system
        and identified.record_code = record.record_code
where identified.place = 1 and {{ is_touched('code', ['identified.jurisdiction', 'identified.dossier_code']) }}
group by
    identified.jurisdiction,
    identified.dossier_code
