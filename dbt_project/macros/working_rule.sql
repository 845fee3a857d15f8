{#- What a rule (seed working_rule) makes of a time limit. The look-ups are those of working_time.sql. -#}

{#-
  Whether what starts at an instant counts from the next working day: it came on a day without work, under a rule that has
  such receipts wait, or later than the hour from which they are handed over. `handed_over_after` is that hour of the
  calendar's day as an instant, null when there is none; then this is null too, and nothing moves.
-#}
{% macro counts_from_next_day(rule, calendar, instant, handed_over_after) -%}
    case
        when {{ calendar }}.is_working then {{ instant }} > {{ handed_over_after }}
        else {{ rule }}.off_day_receipt = 'next_working_day'
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
  A select of what a limit counted from the receipt starts from: `limited` (columns of int_dossier__limited) with its day in
  the calendar, and the rule in force on that day.
-#}
{% macro counted_from_receipt(limited) -%}
    select
        {{ limited }}.dossier_key,
        {{ limited }}.jurisdiction,
        {{ limited }}.zone,
        {{ limited }}.received_at,
        {{ limited }}.received_at as started_at,
        {{ limited }}.time_limit,
        {{ limited }}.limit_unit,
        {{ limited }}.limit_from,
        calendar.day,
        calendar.begins_at,
        calendar.has_24_hours,
        calendar.is_working,
        calendar.working_day_number,
        calendar.next_working_day,
        rule.rule,
        rule.receipt_is_day,
        rule.due_hour,
        rule.calendar_days_end,
        rule.supplement,
        rule.off_day_receipt,
        rule.handed_over_after as handed_over_clock,
        {{ counts_from_next_day('rule', 'calendar', limited ~ '.received_at', 'calendar.handed_over_after') }} as is_moved
    from {{ limited }}
    left join {{ ref('int_calendar__day') }} as calendar
        on {{ on_day('calendar', limited, limited ~ '.received_on') }}
    left join {{ ref('working_rule') }} as rule on rule.rule = calendar.rule
{%- endmacro %}

{#-
  A select of when limits end, one row for each of `start`, which has what the two joins above need, and zone, begins_at and
  has_24_hours of its day, started_at, due_hour and calendar_days_end. The columns `carried` come along; due_on and due_at
  are null where there is no limit, no rule or no calendar.
-#}
{% macro due_by_rule(start, carried) -%}
    {%- set hour = start ~ '.started_at' -%}
    select
        {%- for column in carried %}
        {{ start }}.{{ column }},
        {%- endfor %}
        case
            when {{ start }}.limit_unit = 'working_days' then worked_to.day
            when {{ start }}.calendar_days_end = 'same_day' then passed_to.day
            else passed_to.this_or_next_working_day
        end as due_on,
        case
            when {{ start }}.limit_unit = 'working_days' and {{ start }}.due_hour = 'closing' then worked_to.closes_at
            when {{ start }}.limit_unit = 'working_days' then {{ add_working_days('worked_to', start, hour) }}
            when {{ start }}.due_hour = 'closing' and passed_to.is_working then passed_to.closes_at
            -- On a day without work there is no closing, and the hour stays.
            when {{ start }}.calendar_days_end = 'same_day'
                then {{ at_same_hour('passed_to.day', 'passed_to.begins_at', 'passed_to.has_24_hours', start, hour) }}
            when {{ start }}.due_hour = 'closing' then passed_to.rolled_closes_at
            else {{ add_calendar_days('passed_to', start, hour) }}
        end as due_at
    from {{ start }}
    left join {{ ref('int_calendar__working_day') }} as worked_to
        on {{ on_last_working_day('worked_to', start) }}
    left join {{ ref('int_calendar__day') }} as passed_to
        on {{ on_last_calendar_day('passed_to', start) }}
{%- endmacro %}
