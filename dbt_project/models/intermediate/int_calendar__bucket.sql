-- Where a number of working minutes leads: minutes in buckets as long as the shortest stretch of work, so that a bucket
-- lies in one stretch or in two that follow each other. One look-up by bucket, one comparison.
with stretch as (

    select
        jurisdiction,
        opens_at,
        minutes,
        minutes_before,
        min(minutes) over (partition by jurisdiction) as bucket_minutes,
        lead(opens_at) over (partition by jurisdiction order by opens_at asc) as next_opens_at
    from {{ ref('int_calendar__stretch') }}

),

numbered as (

    select generated.number
    from
        {{ numbers_between(0, '(select max(' ~ whole_times('minutes', 'bucket_minutes') ~ ') from stretch)') }}
            as generated

),

-- The buckets whose first minute lies in a stretch.
begun as (

    select
        stretch.jurisdiction,
        stretch.bucket_minutes,
        stretch.opens_at,
        stretch.minutes,
        stretch.minutes_before,
        stretch.next_opens_at,
        {{ whole_times('stretch.minutes_before + stretch.bucket_minutes - 1', 'stretch.bucket_minutes') }}
        + numbered.number as bucket
    from stretch
    cross join numbered

)

select
    jurisdiction,
    bucket,
    opens_at,
    minutes_before,
    next_opens_at,
    minutes_before + minutes as minutes_before_next
from begun
where bucket * bucket_minutes < minutes_before + minutes
