{#- What a rule (seed working_rule) makes of a time limit. The look-ups are those of working_time.sql. -#}

{#-
  Whether what starts at an instant counts from the next working day: it came on a day without work, under a rule that has
  such receipts wait, or later than the hour from which they are handed over. `handed_over_after` is that hour of the
  calendar's day as an instant, null when there is none.
-#}
{% macro counts_from_next_day(rule, calendar, instant, handed_over_after) -%}
    case
        when {{ calendar }}.is_working then coalesce({{ instant }} > {{ handed_over_after }}, false)
        else coalesce({{ rule }}.off_day_receipt = 'next_working_day', false)
    end
{%- endmacro %}

{#-
  Join of the working day on which a limit in working days ends. `start` has jurisdiction, time_limit, limit_unit, is_moved,
  receipt_is_day, is_working and working_day_number: where it moves to the next working day, that day's number is one more.
-#}
{% macro on_last_working_day(reached, start) -%}
    {%- set days = '(' ~ start ~ '.time_limit - ' ~ start ~ '.receipt_is_day)' -%}
    {{ reached }}.jurisdiction = {{ start }}.jurisdiction
    and {{ reached }}.working_day_number = case
        when {{ start }}.limit_unit <> 'working_days' or {{ days }} < 0 then null
        when {{ start }}.is_moved or ({{ days }} = 0 and not {{ start }}.is_working)
            then {{ start }}.working_day_number + {{ days }} + 1
        else {{ start }}.working_day_number + {{ days }}
    end
{%- endmacro %}

{#- Join of the calendar's day on which a limit in calendar days ends; `start` has day and next_working_day as well. -#}
{% macro on_last_calendar_day(reached, start) -%}
    {%- set days = '(' ~ start ~ '.time_limit - ' ~ start ~ '.receipt_is_day)' -%}
    {{ reached }}.jurisdiction = {{ start }}.jurisdiction
    and {{ reached }}.day = case
        when {{ start }}.limit_unit <> 'calendar_days' or {{ days }} < 0 then null
        when {{ start }}.is_moved then {{ add_days(start ~ '.next_working_day', days) }}
        else {{ add_days(start ~ '.day', days) }}
    end
{%- endmacro %}

{#-
  A select of when limits end, one row for each of `start`, which has what the two joins above need, and zone, started_at,
  due_hour and calendar_days_end. The columns `carried` come along; due_on and due_at are null where there is no limit, no
  rule or no calendar.
-#}
{% macro due_by_rule(start, carried) -%}
    {%- set due_on -%}
        case
            when {{ start }}.limit_unit = 'working_days' then worked_to.day
            when {{ start }}.calendar_days_end = 'same_day' then passed_to.day
            else passed_to.this_or_next_working_day
        end
    {%- endset %}
    select
        {%- for column in carried %}
        {{ start }}.{{ column }},
        {%- endfor %}
        {{ due_on }} as due_on,
        -- On a day without work there is no closing, and the hour stays.
        case
            when {{ start }}.due_hour = 'closing' and closing.closes_at is not null then closing.closes_at
            else {{ same_clock(due_on, start ~ '.started_at', start ~ '.zone') }}
        end as due_at
    from {{ start }}
    left join {{ ref('int_calendar__working_day') }} as worked_to
        on {{ on_last_working_day('worked_to', start) }}
    left join {{ ref('int_calendar__day') }} as passed_to
        on {{ on_last_calendar_day('passed_to', start) }}
    left join {{ ref('int_calendar__working_day') }} as closing
        on
            closing.jurisdiction = {{ start }}.jurisdiction
            and closing.day = case when {{ start }}.due_hour = 'closing' then {{ due_on }} end
{%- endmacro %}
