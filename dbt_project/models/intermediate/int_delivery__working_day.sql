-- The calendar by which deliveries are expected: every day from the first that matters to some time after the as-of
-- instant, and how many working days there were up to it. A working day is what the jurisdiction's calendar says,
-- make-up Saturdays included; where it has none or does not reach, Monday to Friday less the days off the source lists.
with body as (

    select distinct
        jurisdiction.jurisdiction,
        jurisdiction.zone,
        jurisdiction.as_of
    from {{ source('reference', 'expected') }} as expected
    inner join {{ source('reference', 'source') }} as deployed on deployed.source = expected.source
    inner join {{ source('reference', 'jurisdiction') }} as jurisdiction
        on jurisdiction.jurisdiction = deployed.jurisdiction

),

marked as (

    select bears_on as day
    from {{ ref('int_delivery__arrived') }}
    where bears_on is not null
    union
    select expected_from as day
    from {{ source('reference', 'expected') }}
    where expected_from is not null
    union
    select {{ local_date('as_of', 'zone') }} as day
    from body

),

-- A hundred days after the last one: longer than any delivery is given.
bounds as (

    select
        min(day) as first_day,
        {{ add_days('max(day)', 100) }} as last_day
    from marked

),

days as (

    select generated.day
    from {{ days_between('(select first_day from bounds)', '(select last_day from bounds)') }} as generated

),

day_off as (

    select distinct
        ranked.jurisdiction,
        listed.day_off
    from {{ ref('stg_provincial__day_off') }} as listed
    inner join {{ ref('int_delivery__ranked') }} as ranked
        on ranked.delivery_id = listed.delivery_id and ranked.recency = 1

),

told as (

    select
        body.jurisdiction,
        days.day,
        coalesce(
            calendar.is_working, {{ iso_weekday('days.day') }} < 6 and day_off.day_off is null
        ) as is_working
    from body
    cross join days
    left join {{ ref('int_calendar__day') }} as calendar on {{ on_day('calendar', 'body', 'days.day') }}
    left join day_off on day_off.jurisdiction = body.jurisdiction and day_off.day_off = days.day

)

select
    jurisdiction,
    day,
    is_working,
    sum(case when is_working then 1 else 0 end) over (
        partition by jurisdiction
        order by day asc
        rows unbounded preceding
    ) as working_number
from told
