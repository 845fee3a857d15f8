-- Which unit a unit's name in a register or on the portal stands for, by the dossiers that bear it: where every one
-- whose unit is known is with that one. Two wards of one name give nothing. And whether it is another than in the last
-- build.
with dossier as (

    select
        jurisdiction,
        dossier_code,
        unit_number,
        unit_name
    from {{ ref('int_unit__told') }}

),

borne as (

    select
        dossier.jurisdiction,
        dossier.unit_name,
        min(coalesce(unit.unit_code, unit_of_code.unit_code)) as unit_code
    from dossier
    left join {{ ref('int_unit__coded') }} as unit
        on unit.jurisdiction = dossier.jurisdiction and unit.unit_number = dossier.unit_number
    left join {{ ref('int_unit__coded') }} as unit_of_code
        on
            unit_of_code.jurisdiction = dossier.jurisdiction
            and unit_of_code.unit_code = {{ text_before('dossier.dossier_code', "'-'") }}
    where dossier.unit_name is not null and coalesce(unit.unit_code, unit_of_code.unit_code) is not null
    group by
        dossier.jurisdiction,
        dossier.unit_name
    -- All of them one: counting the distinct ones would sort every dossier.
    having
        min(coalesce(unit.unit_code, unit_of_code.unit_code)) = max(coalesce(unit.unit_code, unit_of_code.unit_code))

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
