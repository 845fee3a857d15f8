-- What fct_timeliness counts together and may count otherwise than in the last build: at a cut-off of that build
-- what touched dossiers were or are counted under if they differ there, at a new one everything, at one asked for no
-- more what stands there. Empty where all is built.
-- depends_on: {{ ref('int_dossier__touched') }}
-- depends_on: {{ ref('int_counted__touched') }}
-- depends_on: {{ ref('int_dossier__judged') }}
-- depends_on: {{ ref('int_dossier__waiting') }}
-- depends_on: {{ ref('fct_dossier') }}
-- depends_on: {{ source('reference', 'cut_off') }}
{%- set attributes = [
    'unit_key', 'competent_unit_key', 'procedure_key', 'channel_key', 'received_at', 'received_month', 'compares',
    'missing_due', 'due_at', 'due_on',
] %}
{% if goes_on() %}
with told as (

    {{ counted_of_touched(ref('fct_dossier'), ref('int_dossier__judged'), ref('int_dossier__waiting')) }}

),

-- From when on a dossier is counted otherwise than before: what has not happened by a cut-off plays no part there.
compared as (

    select
        told.jurisdiction,
        told.unit_key,
        told.procedure_key,
        told.received_month,
        before.jurisdiction as jurisdiction_before,
        before.unit_key as unit_key_before,
        before.procedure_key as procedure_key_before,
        before.received_month as received_month_before,
        case
            when
                told.dossier_key is null
                or before.dossier_key is null
                {% for column in attributes -%}
                or (told.{{ column }} is distinct from before.{{ column }})
                {% endfor -%}
                then least(told.received_at, before.received_at)
            else
                least(
                    case
                        when
                            (told.resolved_at is distinct from before.resolved_at)
                            or (told.resolved_month is distinct from before.resolved_month)
                            or (told.resolution is distinct from before.resolution)
                            then least(told.resolved_at, before.resolved_at)
                    end,
                    case
                        when (told.closed_otherwise_at is distinct from before.closed_otherwise_at)
                            then least(told.closed_otherwise_at, before.closed_otherwise_at)
                    end,
                    case
                        when (told.exceeded_at is distinct from before.exceeded_at)
                            then least(told.exceeded_at, before.exceeded_at)
                    end,
                    case
                        when (told.stretches is distinct from before.stretches)
                            then least(told.first_from_at, before.first_from_at)
                    end
                )
        end as differs_from
    from told
    full outer join {{ ref('int_counted__touched') }} as before
        on before.dossier_key = told.dossier_key and before.policy = told.policy

),

touched as (

    select
        jurisdiction,
        unit_key,
        procedure_key,
        received_month,
        differs_from
    from compared
    where differs_from is not null and jurisdiction is not null
    union
    select
        jurisdiction_before as jurisdiction,
        unit_key_before as unit_key,
        procedure_key_before as procedure_key,
        received_month_before as received_month,
        differs_from
    from compared
    where differs_from is not null and jurisdiction_before is not null

),

held_cut_off as (

    select distinct
        cut_off,
        jurisdiction
    from {{ as_built('candidate', 'fct_timeliness') }}

)

select distinct
    cut_off.cut_off,
    touched.jurisdiction,
    coalesce(touched.unit_key, '') as unit_key,
    coalesce(touched.procedure_key, '') as procedure_key,
    touched.received_month
from touched
inner join {{ source('reference', 'cut_off') }} as cut_off
    on cut_off.jurisdiction = touched.jurisdiction and cut_off.cut_off > touched.differs_from
inner join held_cut_off on held_cut_off.cut_off = cut_off.cut_off and held_cut_off.jurisdiction = cut_off.jurisdiction
union all
select distinct
    cut_off.cut_off,
    dossier.jurisdiction,
    coalesce(dossier.unit_key, '') as unit_key,
    coalesce(dossier.procedure_key, '') as procedure_key,
    dossier.received_month
from {{ ref('fct_dossier') }} as dossier
inner join {{ source('reference', 'cut_off') }} as cut_off on cut_off.jurisdiction = dossier.jurisdiction
left join held_cut_off on held_cut_off.cut_off = cut_off.cut_off and held_cut_off.jurisdiction = cut_off.jurisdiction
where held_cut_off.cut_off is null
union all
select distinct
    held.cut_off,
    held.jurisdiction,
    coalesce(held.unit_key, '') as unit_key,
    coalesce(held.procedure_key, '') as procedure_key,
    held.received_month
from {{ as_built('candidate', 'fct_timeliness') }} as held
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
