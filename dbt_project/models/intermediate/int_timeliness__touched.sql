-- What fct_timeliness counts together and may count otherwise than in the last build: at a cut-off of that build
-- what touched dossiers were or are counted under if they differ there, at a new one also what anything happened to
-- since the one it follows (all, where it follows none), at one asked for no more what stands there. Empty where all is
-- built.
-- depends_on: {{ ref('int_dossier__touched') }}
-- depends_on: {{ ref('int_counted__touched') }}
-- depends_on: {{ ref('int_dossier__judged') }}
-- depends_on: {{ ref('int_dossier__waiting') }}
-- depends_on: {{ ref('fct_dossier') }}
-- depends_on: {{ ref('int_cut_off__touched') }}
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

new_cut_off as (

    select
        jurisdiction,
        cut_off,
        cut_off_day,
        follows,
        follows_day
    from {{ ref('int_cut_off__touched') }}
    where is_asked_for and not is_held

),

-- What waited for somebody, or no more, since the cut-off that a new one follows.
waited as (

    select
        new_cut_off.cut_off,
        {{ key_in('waiting.jurisdiction', 'waiting.dossier_code') }} as dossier_key
    from {{ ref('int_dossier__waiting') }} as waiting
    inner join new_cut_off
        on
            new_cut_off.jurisdiction = waiting.jurisdiction
            and (
                (waiting.from_at >= new_cut_off.follows and waiting.from_at < new_cut_off.cut_off)
                or (waiting.to_at >= new_cut_off.follows and waiting.to_at < new_cut_off.cut_off)
            )

),

-- What ended since, fell due while it was open, or asked for more than its policy allows.
moved as (

    select
        new_cut_off.cut_off,
        judged.dossier_key
    from {{ ref('int_dossier__judged') }} as judged
    inner join new_cut_off
        on
            new_cut_off.jurisdiction = judged.jurisdiction
            and (
                (judged.resolved_at >= new_cut_off.follows and judged.resolved_at < new_cut_off.cut_off)
                or (
                    judged.closed_otherwise_at >= new_cut_off.follows
                    and judged.closed_otherwise_at < new_cut_off.cut_off
                )
                or (judged.exceeded_at >= new_cut_off.follows and judged.exceeded_at < new_cut_off.cut_off)
                or (
                    judged.due_on >= new_cut_off.follows_day
                    and judged.due_on <= new_cut_off.cut_off_day
                    and coalesce(judged.resolved_at >= new_cut_off.follows, true)
                    and coalesce(judged.closed_otherwise_at >= new_cut_off.follows, true)
                )
            )

),

happened as (

    select
        cut_off,
        dossier_key
    from waited
    union
    select
        cut_off,
        dossier_key
    from moved

)

select distinct
    cut_off.cut_off,
    touched.jurisdiction,
    coalesce(touched.unit_key, '') as unit_key,
    coalesce(touched.procedure_key, '') as procedure_key,
    touched.received_month
from touched
inner join {{ ref('int_cut_off__touched') }} as cut_off
    on
        cut_off.jurisdiction = touched.jurisdiction
        and cut_off.cut_off > touched.differs_from
        and cut_off.is_asked_for
union
select
    happened.cut_off,
    dossier.jurisdiction,
    coalesce(dossier.unit_key, '') as unit_key,
    coalesce(dossier.procedure_key, '') as procedure_key,
    dossier.received_month
from happened
inner join {{ ref('fct_dossier') }} as dossier on dossier.dossier_key = happened.dossier_key
union
select
    new_cut_off.cut_off,
    dossier.jurisdiction,
    coalesce(dossier.unit_key, '') as unit_key,
    coalesce(dossier.procedure_key, '') as procedure_key,
    dossier.received_month
from {{ ref('fct_dossier') }} as dossier
inner join new_cut_off
    on
        new_cut_off.jurisdiction = dossier.jurisdiction
        and dossier.received_at < new_cut_off.cut_off
        and coalesce(dossier.received_at >= new_cut_off.follows, true)
union
select
    held.cut_off,
    held.jurisdiction,
    coalesce(held.unit_key, '') as unit_key,
    coalesce(held.procedure_key, '') as procedure_key,
    held.received_month
from {{ as_built('candidate', 'fct_timeliness') }} as held
inner join {{ ref('int_cut_off__touched') }} as cut_off
    on cut_off.jurisdiction = held.jurisdiction and cut_off.cut_off = held.cut_off and not cut_off.is_asked_for
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
