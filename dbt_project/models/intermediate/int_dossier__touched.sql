-- Dossiers of which something may be otherwise than in the last build: whatever a touched code means or meant, and
-- those whose unit is told by a name that now stands for another one. Empty where all is built.
with renamed as (

    select distinct
        record.jurisdiction,
        identified.dossier_code
    from {{ ref('int_unit__borne') }} as borne
    inner join {{ ref('int_record__gathered') }} as record
        on record.jurisdiction = borne.jurisdiction and record.unit_name = borne.unit_name
    inner join {{ ref('int_record__identified') }} as identified
        on
            identified.jurisdiction = record.jurisdiction
            and identified.system = record.system
            and identified.record_code = record.record_code
    where borne.is_news

)

select
    jurisdiction,
    code as dossier_code,
    {{ key_in('jurisdiction', 'code') }} as dossier_key
from {{ ref('int_code__touched') }}
union
select
    jurisdiction,
    dossier_code,
    {{ key_in('jurisdiction', 'dossier_code') }} as dossier_key
from renamed
