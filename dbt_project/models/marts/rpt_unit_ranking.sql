-- Units of one level by how much of what they finished was on time, at the as-of instant and one local day before it.
with moment as (

    select
        jurisdiction,
        default_policy,
        as_of as cut_off,
        'now' as which
    from {{ source('reference', 'jurisdiction') }}
    union all
    select
        jurisdiction,
        default_policy,
        day_before_as_of as cut_off,
        'before' as which
    from {{ source('reference', 'jurisdiction') }}

),

counted as (

    select
        moment.jurisdiction,
        moment.which,
        timeliness.unit_key,
        cast(sum(timeliness.on_time) as bigint) as on_time,
        cast(sum(timeliness.on_time + timeliness.late) as bigint) as judged
    from moment
    inner join {{ ref('fct_timeliness') }} as timeliness
        on
            timeliness.jurisdiction = moment.jurisdiction
            and timeliness.policy = moment.default_policy
            and timeliness.cut_off = moment.cut_off
    group by
        moment.jurisdiction,
        moment.which,
        timeliness.unit_key

),

-- Each unit as it was on the last day before the as-of instant; one that no longer was, or not yet, as it is known.
known as (

    select
        unit.unit_key,
        unit.jurisdiction,
        unit.unit_name,
        unit.level,
        case
            when {{ holds_on('unit', local_date('jurisdiction.day_before_as_of', 'jurisdiction.zone')) }} then 1
            else 0
        end as stands,
        row_number() over (
            partition by unit.unit_key
            order by
                case
                    when {{ holds_on('unit', local_date('jurisdiction.day_before_as_of', 'jurisdiction.zone')) }} then 0
                    else 1
                end asc,
                unit.valid_from desc
        ) as choice
    from {{ ref('dim_unit') }} as unit
    inner join {{ source('reference', 'jurisdiction') }} as jurisdiction
        on jurisdiction.jurisdiction = unit.jurisdiction

),

rated as (

    select
        counted.jurisdiction,
        counted.which,
        counted.unit_key,
        known.level,
        counted.on_time,
        counted.judged,
        -- Compared before it is rounded: two shares may differ beyond the digits shown.
        cast(counted.on_time as numeric(38, 18)) / counted.judged as share
    from counted
    inner join known on known.unit_key = counted.unit_key and known.choice = 1
    where counted.judged > 0

),

placed as (

    select
        jurisdiction,
        which,
        unit_key,
        on_time,
        judged,
        share,
        row_number() over (
            partition by jurisdiction, which, level
            order by share desc, judged desc, {{ code_order('unit_key') }} asc
        ) as place
    from rated

),

-- Units that stand and have a level, and those that handled a dossier: also those of which nothing can be said yet.
listed as (

    select
        jurisdiction.jurisdiction,
        jurisdiction.default_policy,
        jurisdiction.as_of,
        known.unit_key,
        known.unit_name,
        known.level
    from known
    inner join {{ source('reference', 'jurisdiction') }} as jurisdiction
        on jurisdiction.jurisdiction = known.jurisdiction
    where
        known.choice = 1
        and (
            (known.stands = 1 and known.level is not null)
            or known.unit_key in (select counted.unit_key from counted)
        )

)

select
    listed.unit_key,
    listed.jurisdiction,
    listed.default_policy as policy,
    listed.as_of,
    listed.level,
    listed.unit_name,
    now_placed.place as unit_rank,
    before_placed.place as rank_before,
    -- Up is positive: from the fifth place to the third is 2.
    before_placed.place - now_placed.place as rank_change,
    coalesce(now_placed.on_time, 0) as on_time,
    coalesce(now_placed.judged, 0) as judged,
    cast(round(now_placed.share, 6) as numeric(9, 6)) as on_time_rate,
    cast(round(before_placed.share, 6) as numeric(9, 6)) as on_time_rate_before
from listed
left join placed as now_placed on now_placed.unit_key = listed.unit_key and now_placed.which = 'now'
left join placed as before_placed on before_placed.unit_key = listed.unit_key and before_placed.which = 'before'
