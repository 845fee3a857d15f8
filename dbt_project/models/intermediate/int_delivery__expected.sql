-- Every delivery that is expected: one row a source, entry of its contract, office and period. A period ends with its
-- last day, `expected_on`; it is answered by a delivery that bears that day or, where it is longer than a day, a later
-- one before the next period ends.
with agreement as (

    select
        expected.source,
        expected.place,
        expected.every,
        expected.about,
        expected.due_minutes,
        expected.days_after,
        deployed.jurisdiction,
        jurisdiction.zone,
        jurisdiction.as_of
    from {{ source('reference', 'expected') }} as expected
    inner join {{ source('reference', 'source') }} as deployed on deployed.source = expected.source
    inner join {{ source('reference', 'jurisdiction') }} as jurisdiction
        on jurisdiction.jurisdiction = deployed.jurisdiction

),

calendar as (

    select
        jurisdiction,
        day,
        is_working,
        working_number,
        {{ month_start('day') }} <> {{ month_start(add_days('day', 1)) }} as ends_month
    from {{ ref('int_delivery__working_day') }}

),

period_end as (

    select
        agreement.source,
        agreement.place,
        agreement.every,
        agreement.about,
        agreement.due_minutes,
        agreement.days_after,
        agreement.jurisdiction,
        agreement.zone,
        agreement.as_of,
        calendar.day as expected_on,
        case
            when agreement.every = 'working_day' then due.day
            else {{ add_days('calendar.day', 'agreement.days_after') }}
        end as due_on
    from agreement
    inner join calendar
        on
            calendar.jurisdiction = agreement.jurisdiction
            and case agreement.every
                when 'day' then true
                when 'working_day' then calendar.is_working
                when 'week' then {{ iso_weekday('calendar.day') }} = 7
                when 'month' then calendar.ends_month
                when 'quarter'
                    then calendar.ends_month and {{ calendar_part('month', 'calendar.day') }} in (3, 6, 9, 12)
                when 'half_year' then calendar.ends_month and {{ calendar_part('month', 'calendar.day') }} in (6, 12)
            end
    left join calendar as due
        on
            due.jurisdiction = calendar.jurisdiction
            and due.is_working
            and due.working_number = calendar.working_number + agreement.days_after

),

ordered as (

    select
        period_end.source,
        period_end.place,
        party.office_code,
        period_end.every,
        period_end.about,
        period_end.jurisdiction,
        period_end.as_of,
        period_end.expected_on,
        party.starts_on,
        {{ at_clock('period_end.due_on', 'period_end.due_minutes', 'period_end.zone') }} as due_at,
        lag(period_end.expected_on) over (
            partition by period_end.source, period_end.place, party.office_code order by period_end.expected_on asc
        ) as expected_before,
        lead(period_end.expected_on) over (
            partition by period_end.source, period_end.place, party.office_code order by period_end.expected_on asc
        ) as expected_next
    from period_end
    inner join {{ ref('int_delivery__party') }} as party
        on party.source = period_end.source and party.place = period_end.place
    where period_end.expected_on >= party.starts_on

)

select
    source,
    place,
    office_code,
    every,
    about,
    jurisdiction,
    coalesce({{ add_days('expected_before', 1) }}, starts_on) as covers_from,
    expected_on,
    case
        when every in ('day', 'working_day') then {{ add_days('expected_on', 1) }}
        else expected_next
    end as answered_before,
    due_at,
    due_at < as_of as is_due
from ordered
