{#-
  Working time by look-up. A calendar is a row of int_calendar__day joined on jurisdiction and local day (`on_day_of`); it
  answers for every instant of its day. What an instant leads to is a second look-up. An instant counts from the minute it
  lies in; whatever a calendar does not cover is null.

      left join int_calendar__day as started on {{ on_day_of('started', 'dossier', 'dossier.received_at') }}
      left join int_calendar__working_day as reached on {{ on_working_day_after('reached', 'started', 'dossier.days') }}
      … {{ add_working_days('reached', 'started', 'dossier.received_at') }}
-#}

{#- Join of the calendar's day; `row` has jurisdiction, and the local day is known. -#}
{% macro on_day(calendar, row, day) -%}
    {{ calendar }}.jurisdiction = {{ row }}.jurisdiction and {{ calendar }}.day = {{ day }}
{%- endmacro %}

{#- The same for an instant, whose local day has to be found; `row` has zone as well. -#}
{% macro on_day_of(calendar, row, instant) -%}
    {{ on_day(calendar, row, local_date(instant, row ~ '.zone')) }}
{%- endmacro %}

{#-
  Minutes of the day's stretches of work before an instant. Which stretch it lies in or after is told by instants, so that
  its minute is computed once.
-#}
{% macro minutes_of_stretches(calendar, instant) -%}
    {%- set minute = minutes_since(calendar ~ '.begins_at', instant) -%}
    case
        when {{ instant }} >= {{ calendar }}.opens_3_at
            then
                {{ calendar }}.closes_1 - {{ calendar }}.opens_1 + {{ calendar }}.closes_2 - {{ calendar }}.opens_2
                + least({{ minute }}, {{ calendar }}.closes_3) - {{ calendar }}.opens_3
        when {{ instant }} >= {{ calendar }}.opens_2_at
            then
                {{ calendar }}.closes_1 - {{ calendar }}.opens_1
                + least({{ minute }}, {{ calendar }}.closes_2) - {{ calendar }}.opens_2
        when {{ instant }} >= {{ calendar }}.opens_1_at
            then least({{ minute }}, {{ calendar }}.closes_1) - {{ calendar }}.opens_1
        else 0
    end
{%- endmacro %}

{#- Minutes worked on the calendar's day before an instant of it. -#}
{% macro within_day_minutes(calendar, instant) -%}
    case when {{ calendar }}.begins_at is not null then {{ minutes_of_stretches(calendar, instant) }} end
{%- endmacro %}

{#- Minutes worked since the calendar's first day before an instant. -#}
{% macro minutes_worked_by(calendar, instant) -%}
    ({{ calendar }}.minutes_before + {{ minutes_of_stretches(calendar, instant) }})
{%- endmacro %}

{#- Working minutes from one instant to another, negative when the other comes first. -#}
{% macro working_minutes_between(from_calendar, from_instant, to_calendar, to_instant) -%}
    ({{ minutes_worked_by(to_calendar, to_instant) }} - {{ minutes_worked_by(from_calendar, from_instant) }})
{%- endmacro %}

{#-
  Join of the day so many working days after the calendar's day. None on: the day itself, or the next one that is worked.
  A negative number leads nowhere.
-#}
{% macro on_working_day_after(reached, calendar, days) -%}
    {{ reached }}.jurisdiction = {{ calendar }}.jurisdiction
    and {{ reached }}.working_day_number = case
        when {{ days }} > 0 then {{ calendar }}.working_day_number + {{ days }}
        when {{ days }} = 0 and {{ calendar }}.is_working then {{ calendar }}.working_day_number
        when {{ days }} = 0 then {{ calendar }}.working_day_number + 1
    end
{%- endmacro %}

{#-
  The instant on another day at which the wall clock shows what it showed at one of the calendar's day. Between two days of
  24 hours that is as long after midnight, which costs a tenth of asking the zone.
-#}
{% macro at_same_hour(day, begins_at, has_24_hours, calendar, instant) -%}
    case
        when {{ calendar }}.has_24_hours and {{ has_24_hours }}
            then {{ as_long_after(begins_at, calendar ~ '.begins_at', instant) }}
        else {{ same_clock(day, instant, calendar ~ '.zone') }}
    end
{%- endmacro %}

{#- The instant so many working days after another: that day (joined so), at the wall clock's hour of the other. -#}
{% macro add_working_days(reached, calendar, instant) -%}
    {{ at_same_hour(reached ~ '.day', reached ~ '.begins_at', reached ~ '.has_24_hours', calendar, instant) }}
{%- endmacro %}

{#- Join of the day so many calendar days after a day of the calendar. -#}
{% macro on_calendar_day_after(reached, calendar, day, days) -%}
    {{ reached }}.jurisdiction = {{ calendar }}.jurisdiction
    and {{ reached }}.day = case when {{ days }} >= 0 then {{ add_days(day, days) }} end
{%- endmacro %}

{#- The instant so many calendar days after another, off a day without work onto the next one with it, at the same hour. -#}
{% macro add_calendar_days(reached, calendar, instant) -%}
    {{
        at_same_hour(
            reached ~ '.this_or_next_working_day', reached ~ '.rolled_begins_at', reached ~ '.rolled_has_24_hours', calendar,
            instant
        )
    }}
{%- endmacro %}

{#- Join of the bucket in which the last of so many working minutes after an instant lies. -#}
{% macro on_bucket_after(reached, calendar, instant, minutes) -%}
    {{ reached }}.jurisdiction = {{ calendar }}.jurisdiction
    and {{ reached }}.bucket = case
        when {{ minutes }} > 0
            then {{ whole_times(minutes_worked_by(calendar, instant) ~ ' + ' ~ minutes ~ ' - 1', calendar ~ '.bucket_minutes') }}
    end
{%- endmacro %}

{#- The first instant at which so many working minutes have passed since another; the other itself for none. -#}
{% macro add_working_minutes(reached, calendar, instant, minutes) -%}
    {%- set target = minutes_worked_by(calendar, instant) ~ ' + ' ~ minutes -%}
    case
        when {{ minutes }} = 0 and {{ calendar }}.begins_at is not null then {{ instant }}
        when {{ target }} > {{ reached }}.minutes_before_next
            then {{ add_minutes(reached ~ '.next_opens_at', '(' ~ target ~ ' - ' ~ reached ~ '.minutes_before_next)') }}
        else {{ add_minutes(reached ~ '.opens_at', '(' ~ target ~ ' - ' ~ reached ~ '.minutes_before)') }}
    end
{%- endmacro %}

{#- Join and instant for working hours. -#}
{% macro on_bucket_after_hours(reached, calendar, instant, hours) -%}
    {{ on_bucket_after(reached, calendar, instant, '(' ~ hours ~ ' * 60)') }}
{%- endmacro %}
{% macro add_working_hours(reached, calendar, instant, hours) -%}
    {{ add_working_minutes(reached, calendar, instant, '(' ~ hours ~ ' * 60)') }}
{%- endmacro %}
