-- Which unit a unit's name in a register or on the portal stands for, by the dossiers that bear it: where every one
-- whose unit is known is with that one. Two wards of one name give nothing. And whether it is another than in the last
-- build.
with record as (

    select
        record.jurisdiction,
        identified.dossier_code,
        record.system,
        record.unit_number,
        record.unit_name,
        row_number() over (
            partition by record.jurisdiction, identified.dossier_code, record.system
            order by record.changed_at desc, record.row_sha256 desc, record.record_code asc
        ) as place
    from {{ ref('int_record__gathered') }} as record
    inner join {{ ref('int_record__identified') }} as identified
        on
            identified.jurisdiction = record.jurisdiction
            and identified.system = record.system
            and identified.record_code = record.record_code

),

dossier as (

    select
        jurisdiction,
        dossier_code,
        min(case when system = 'provincial' then unit_number end) as unit_number,
        coalesce(
            min(case when system = 'one_stop' then unit_name end), min(case when system = 'portal' then unit_name end)
        ) as unit_name
    from record
    where place = 1
    group by
        jurisdiction,
        dossier_code

),

unit as (

    select
        ranked.jurisdiction,
        unit.unit_number,
        {{ agency_code('unit.agency_id') }} as unit_code
    from {{ ref('stg_provincial__unit') }} as unit
    inner join {{ ref('int_delivery__ranked') }} as ranked
        on ranked.delivery_id = unit.delivery_id and ranked.recency = 1

),

borne as (

    select
        dossier.jurisdiction,
        dossier.unit_name,
        min(coalesce(unit.unit_code, unit_of_code.unit_code)) as unit_code
    from dossier
    left join unit
        on unit.jurisdiction = dossier.jurisdiction and unit.unit_number = dossier.unit_number
    left join unit as unit_of_code
        on
            unit_of_code.jurisdiction = dossier.jurisdiction
            and unit_of_code.unit_code = {{ text_before('dossier.dossier_code', "'-'") }}
    where dossier.unit_name is not null and coalesce(unit.unit_code, unit_of_code.unit_code) is not null
    group by
        dossier.jurisdiction,
        dossier.unit_name
    having count(distinct coalesce(unit.unit_code, unit_of_code.unit_code)) = 1

){% if goes_on() %},

before as (

    select
        jurisdiction,
        unit_name,
        unit_code
    from {{ as_built('intermediate', 'int_unit__borne') }}
    where unit_code is not null

)

select
    coalesce(borne.jurisdiction, before.jurisdiction) as jurisdiction,
    coalesce(borne.unit_name, before.unit_name) as unit_name,
    borne.unit_code,
    (borne.unit_code is distinct from before.unit_code) as is_news
from borne
full outer join before on before.jurisdiction = borne.jurisdiction and before.unit_name = borne.unit_name
{% else %}

select
    jurisdiction,
    unit_name,
    unit_code,
    false as is_news
from borne
{% endif %}
