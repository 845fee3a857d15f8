-- Every stretch of work of every day a calendar covers, as instants. A special day of the deployment has the hours it
-- names; a make-up day those of the weekday it stands for; a day off none; any other day those of its weekday. The
-- deployment's weekly hours, where they hold on a day, stand in place of the national ones.
with bounds as (

    select
        min(covered_from) as first_day,
        max(covered_to) as end_day
    from {{ ref('int_calendar__named') }}

),

every_day as (

    select generated.day
    from {{ days_between('(select first_day from bounds)', '(select end_day from bounds)') }} as generated

),

covered as (

    select
        named.jurisdiction,
        named.zone,
        named.own_calendar,
        named.national_calendar,
        every_day.day
    from {{ ref('int_calendar__named') }} as named
    inner join every_day on every_day.day >= named.covered_from and every_day.day < named.covered_to

),

described as (

    select
        covered.jurisdiction,
        covered.zone,
        covered.own_calendar,
        covered.national_calendar,
        covered.day,
        -- The weekday whose hours the day has; null when it has none of any.
        case
            when special.day is not null or listed.kind = 'off' then null
            when listed.kind = 'makeup' then listed.hours_of_weekday
            else {{ iso_weekday('covered.day') }}
        end as as_weekday
    from covered
    left join {{ source('reference', 'calendar_day') }} as special
        on special.calendar = covered.own_calendar and special.day = covered.day
    left join {{ ref('national_day') }} as listed
        on listed.calendar = covered.national_calendar and listed.day = covered.day

),

own_week as (

    select
        calendar,
        weekday,
        opens,
        closes,
        effective_from,
        effective_to
    from {{ source('reference', 'calendar_hours') }}

),

-- Days on which the deployment's own week holds, whatever the weekday: a weekday it does not name is not worked.
own_days as (

    select distinct
        described.jurisdiction,
        described.day
    from described
    inner join own_week
        on
            own_week.calendar = described.own_calendar
            and (own_week.effective_from is null or own_week.effective_from <= described.day)
            and (own_week.effective_to is null or own_week.effective_to > described.day)

),

worked as (

    select
        described.jurisdiction,
        described.zone,
        described.day,
        hours.opens,
        hours.closes
    from described
    inner join {{ source('reference', 'calendar_day_hours') }} as hours
        on hours.calendar = described.own_calendar and hours.day = described.day
    union all
    select
        described.jurisdiction,
        described.zone,
        described.day,
        own_week.opens,
        own_week.closes
    from described
    inner join own_week
        on
            own_week.calendar = described.own_calendar
            and own_week.weekday = described.as_weekday
            and (own_week.effective_from is null or own_week.effective_from <= described.day)
            and (own_week.effective_to is null or own_week.effective_to > described.day)
    union all
    select
        described.jurisdiction,
        described.zone,
        described.day,
        hours.opens,
        hours.closes
    from described
    inner join {{ ref('national_hours') }} as hours
        on
            hours.calendar = described.national_calendar
            and hours.weekday = described.as_weekday
            and (hours.effective_from is null or hours.effective_from <= described.day)
            and (hours.effective_to is null or hours.effective_to > described.day)
    left join own_days
        on own_days.jurisdiction = described.jurisdiction and own_days.day = described.day
    where own_days.day is null

),

placed as (

    select
        jurisdiction,
        zone,
        day,
        {{ at_clock('day', clock_minutes('opens'), 'zone') }} as opens_at,
        {{ at_clock('day', clock_minutes('closes'), 'zone') }} as closes_at
    from worked

),

measured as (

    select
        jurisdiction,
        day,
        opens_at,
        closes_at,
        -- Minutes that pass, not minutes the wall clock shows: a changed clock makes them differ.
        {{ minutes_since('opens_at', 'closes_at') }} as minutes
    from placed

)

select
    jurisdiction,
    day,
    row_number() over (partition by jurisdiction, day order by opens_at asc, closes_at asc) as stretch_number,
    opens_at,
    closes_at,
    minutes,
    cast(
        sum(minutes) over (partition by jurisdiction order by opens_at asc rows unbounded preceding) - minutes as bigint
    ) as minutes_before
from measured
where minutes > 0
