-- Dossiers of which something may be otherwise than in the last build: whatever a touched code means or meant, and
-- those whose unit is told by a name that now stands for another one; and under what the last build counted them. Empty
-- where all is built.
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

),

touched as (

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

)

{% if goes_on() -%}
select
    touched.jurisdiction,
    touched.dossier_code,
    touched.dossier_key,
    dossier.unit_key as unit_key_before,
    dossier.procedure_key as procedure_key_before,
    dossier.received_month as received_month_before,
    dossier.received_on as received_on_before,
    record.applicant_pseudonym as applicant_before
from touched
left join {{ rows_named(
    as_built('candidate', 'fct_dossier'), ['dossier_key'], 'touched', 'dossier_key'
) }} as dossier
    on dossier.dossier_key = touched.dossier_key
left join {{ rows_named(
    as_built('intermediate', 'int_dossier__applicant'), ['dossier_key'], 'touched', 'dossier_key'
) }} as record
    on record.dossier_key = touched.dossier_key
{%- else -%}
select
    jurisdiction,
    dossier_code,
    dossier_key,
    cast(null as {{ dbt.type_string() }}) as unit_key_before,
    cast(null as {{ dbt.type_string() }}) as procedure_key_before,
    cast(null as date) as received_month_before,
    cast(null as date) as received_on_before,
    cast(null as {{ dbt.type_string() }}) as applicant_before
from touched
{%- endif %}
