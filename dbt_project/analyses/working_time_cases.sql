-- Each macro of macros/working_time.sql once, over a table of cases that whoever runs it provides: the tests compare the
-- answers with a walk through the minutes, so that what is tested is what the models use.
select
    trial.case_number,
    {{ within_day_minutes('started', 'trial.from_at') }} as within_day,
    {{ working_minutes_between('started', 'trial.from_at', 'ended', 'trial.to_at') }} as minutes_between,
    {{ add_working_days('worked_to', 'started', 'trial.from_at') }} as after_working_days,
    {{ add_calendar_days('passed_to', 'started', 'trial.from_at') }} as after_calendar_days,
    {{ add_working_minutes('minute_of', 'started', 'trial.from_at', 'trial.minutes') }} as after_working_minutes,
    {{ add_working_hours('hour_of', 'started', 'trial.from_at', 'trial.days') }} as after_working_hours
from working_time_case as trial
left join {{ ref('int_calendar__day') }} as started
    on {{ on_day_of('started', 'trial', 'trial.from_at') }}
left join {{ ref('int_calendar__day') }} as ended
    on {{ on_day_of('ended', 'trial', 'trial.to_at') }}
left join {{ ref('int_calendar__working_day') }} as worked_to
    on {{ on_working_day_after('worked_to', 'started', 'trial.days') }}
left join {{ ref('int_calendar__day') }} as passed_to
    on {{ on_calendar_day_after('passed_to', 'started', 'started.day', 'trial.days') }}
left join {{ ref('int_calendar__bucket') }} as minute_of
    on {{ on_bucket_after('minute_of', 'started', 'trial.from_at', 'trial.minutes') }}
left join {{ ref('int_calendar__bucket') }} as hour_of
    on {{ on_bucket_after_hours('hour_of', 'started', 'trial.from_at', 'trial.days') }}
