-- The nth working day of a calendar: where so many working days on from a day lead.
select
    jurisdiction,
    working_day_number,
    day,
    begins_at,
    has_24_hours,
    closes_at
from {{ ref('int_calendar__day') }}
where is_working
