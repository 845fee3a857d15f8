-- What fct_timeliness counts together and may count otherwise than in the last build: at a cut-off of that build
-- what touched dossiers were or are counted under, at a new one everything, at one asked for no more what stands
-- there. Empty where all is built.
-- depends_on: {{ ref('int_dossier__touched') }}
-- depends_on: {{ ref('fct_dossier') }}
-- depends_on: {{ source('reference', 'cut_off') }}
{% if goes_on() %}
with counted as (

    select distinct
        jurisdiction,
        coalesce(unit_key, '') as unit_key,
        coalesce(procedure_key, '') as procedure_key,
        received_month
    from {{ ref('fct_dossier') }}

),

touched as (

    select
        jurisdiction,
        coalesce(unit_key_before, '') as unit_key,
        coalesce(procedure_key_before, '') as procedure_key,
        received_month_before as received_month
    from {{ ref('int_dossier__touched') }}
    where received_month_before is not null
    union
    select
        dossier.jurisdiction,
        coalesce(dossier.unit_key, '') as unit_key,
        coalesce(dossier.procedure_key, '') as procedure_key,
        dossier.received_month
    from {{ ref('fct_dossier') }} as dossier
    inner join {{ ref('int_dossier__touched') }} as touched on touched.dossier_key = dossier.dossier_key

),

held as (

    select distinct
        cut_off,
        jurisdiction,
        coalesce(unit_key, '') as unit_key,
        coalesce(procedure_key, '') as procedure_key,
        received_month
    from {{ as_built('candidate', 'fct_timeliness') }}

),

held_cut_off as (

    select distinct
        cut_off,
        jurisdiction
    from held

)

select
    cut_off.cut_off,
    touched.jurisdiction,
    touched.unit_key,
    touched.procedure_key,
    touched.received_month
from touched
inner join {{ source('reference', 'cut_off') }} as cut_off on cut_off.jurisdiction = touched.jurisdiction
inner join held_cut_off on held_cut_off.cut_off = cut_off.cut_off and held_cut_off.jurisdiction = cut_off.jurisdiction
union all
select
    cut_off.cut_off,
    counted.jurisdiction,
    counted.unit_key,
    counted.procedure_key,
    counted.received_month
from counted
inner join {{ source('reference', 'cut_off') }} as cut_off on cut_off.jurisdiction = counted.jurisdiction
left join held_cut_off on held_cut_off.cut_off = cut_off.cut_off and held_cut_off.jurisdiction = cut_off.jurisdiction
where held_cut_off.cut_off is null
union all
select
    held.cut_off,
    held.jurisdiction,
    held.unit_key,
    held.procedure_key,
    held.received_month
from held
left join {{ source('reference', 'cut_off') }} as cut_off
    on cut_off.cut_off = held.cut_off and cut_off.jurisdiction = held.jurisdiction
where cut_off.cut_off is null
{% else %}
select
    cut_off,
    jurisdiction,
    jurisdiction as unit_key,
    jurisdiction as procedure_key,
    cast(null as date) as received_month
from {{ source('reference', 'cut_off') }}
where 1 = 0
{% endif %}
