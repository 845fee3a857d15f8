-- The cut-offs that are asked for and those at which the last build counted. A new one follows the newest of those
-- before it: what nothing happened to in between is counted at the one as at the other. Empty where all is built.
-- depends_on: {{ source('reference', 'cut_off') }}
-- depends_on: {{ source('reference', 'jurisdiction') }}
{% if goes_on() %}
with held as (

    select distinct
        jurisdiction,
        cut_off
    from {{ as_built('candidate', 'fct_timeliness') }}

),

known as (

    select
        coalesce(cut_off.jurisdiction, held.jurisdiction) as jurisdiction,
        coalesce(cut_off.cut_off, held.cut_off) as cut_off,
        cut_off.cut_off is not null as is_asked_for,
        held.cut_off is not null as is_held
    from {{ source('reference', 'cut_off') }} as cut_off
    full outer join held on held.jurisdiction = cut_off.jurisdiction and held.cut_off = cut_off.cut_off

),

followed as (

    select
        known.jurisdiction,
        known.cut_off,
        known.is_asked_for,
        known.is_held,
        max(held.cut_off) as follows
    from known
    left join held
        on held.jurisdiction = known.jurisdiction and held.cut_off < known.cut_off and not known.is_held
    group by
        known.jurisdiction,
        known.cut_off,
        known.is_asked_for,
        known.is_held

)

select
    followed.jurisdiction,
    followed.cut_off,
    {{ local_date('followed.cut_off', 'jurisdiction.zone') }} as cut_off_day,
    followed.is_asked_for,
    followed.is_held,
    followed.follows,
    {{ local_date('followed.follows', 'jurisdiction.zone') }} as follows_day
from followed
inner join {{ source('reference', 'jurisdiction') }} as jurisdiction
    on jurisdiction.jurisdiction = followed.jurisdiction
{% else %}
select
    jurisdiction,
    cut_off,
    cast(null as date) as cut_off_day,
    true as is_asked_for,
    false as is_held,
    cut_off as follows,
    cast(null as date) as follows_day
from {{ source('reference', 'cut_off') }}
where 1 = 0
{% endif %}
