{#- Everything about instants and days that databases spell differently. A day is always a day in a named zone. -#}

{#- The calendar day on which an instant falls in a zone. -#}
{% macro local_date(instant, zone) -%}
    {{ return(adapter.dispatch('local_date')(instant, zone)) }}
{%- endmacro %}
{% macro postgres__local_date(instant, zone) -%}
    cast({{ instant }} at time zone {{ zone }} as date)
{%- endmacro %}

{#- The first day of a day's month. -#}
{% macro month_start(day) -%}
    {{ return(adapter.dispatch('month_start')(day)) }}
{%- endmacro %}
{% macro postgres__month_start(day) -%}
    cast(date_trunc('month', {{ day }}) as date)
{%- endmacro %}

{#- Whole seconds since 1970 of an instant (fractions cut off). -#}
{% macro epoch_seconds(instant) -%}
    {{ return(adapter.dispatch('epoch_seconds')(instant)) }}
{%- endmacro %}
{% macro postgres__epoch_seconds(instant) -%}
    cast(floor(extract(epoch from {{ instant }})) as bigint)
{%- endmacro %}

{#- A day moved by a number of days. -#}
{% macro add_days(day, days) -%}
    {{ return(adapter.dispatch('add_days')(day, days)) }}
{%- endmacro %}
{% macro postgres__add_days(day, days) -%}
    cast({{ day }} + cast({{ days }} as integer) as date)
{%- endmacro %}

{#- A sub-query with one column `day`: every day of a closed interval. -#}
{% macro days_between(first_day, last_day) -%}
    {{ return(adapter.dispatch('days_between')(first_day, last_day)) }}
{%- endmacro %}
{% macro postgres__days_between(first_day, last_day) -%}
    (
        select cast(generated.at as date) as day
        from generate_series(cast({{ first_day }} as timestamp), cast({{ last_day }} as timestamp), interval '1 day') as generated (at)
    )
{%- endmacro %}

{#- Monday 1 to Sunday 7. -#}
{% macro iso_weekday(day) -%}
    {{ return(adapter.dispatch('iso_weekday')(day)) }}
{%- endmacro %}
{% macro postgres__iso_weekday(day) -%}
    cast(extract(isodow from {{ day }}) as integer)
{%- endmacro %}
{% macro iso_week(day) -%}
    {{ return(adapter.dispatch('iso_week')(day)) }}
{%- endmacro %}
{% macro postgres__iso_week(day) -%}
    cast(extract(week from {{ day }}) as integer)
{%- endmacro %}
{% macro calendar_part(part, day) -%}
    {{ return(adapter.dispatch('calendar_part')(part, day)) }}
{%- endmacro %}
{% macro postgres__calendar_part(part, day) -%}
    cast(extract({{ part }} from {{ day }}) as integer)
{%- endmacro %}

{#- A query: for each jurisdiction of a relation of periods the instants at which one begins or ends, in their order. -#}
{% macro edges_of(periods) -%}
    {{ return(adapter.dispatch('edges_of')(periods)) }}
{%- endmacro %}
{% macro postgres__edges_of(periods) -%}
    select
        jurisdiction,
        array_agg(distinct edge_at order by edge_at) as edges
    from (
        select
            jurisdiction,
            from_at as edge_at
        from {{ periods }}
        union all
        select
            jurisdiction,
            to_at as edge_at
        from {{ periods }}
    ) as bounds
    group by jurisdiction
{%- endmacro %}

{#- At or after how many of such edges an instant lies. -#}
{% macro place_among(instant, edges) -%}
    {{ return(adapter.dispatch('place_among')(instant, edges)) }}
{%- endmacro %}
{% macro postgres__place_among(instant, edges) -%}
    width_bucket({{ instant }}, {{ edges }})
{%- endmacro %}

{#- The type of an instant (a moment in time, not a wall-clock reading). -#}
{% macro type_instant() -%}
    {{ return(adapter.dispatch('type_instant')()) }}
{%- endmacro %}
{% macro postgres__type_instant() -%}
    timestamptz
{%- endmacro %}

{#- The instant at which a day begins in a zone. -#}
{% macro midnight(day, zone) -%}
    {{ return(adapter.dispatch('midnight')(day, zone)) }}
{%- endmacro %}
{% macro postgres__midnight(day, zone) -%}
    (cast({{ day }} as timestamp) at time zone {{ zone }})
{%- endmacro %}

{#- Whole minutes from one instant to a later one (begun minutes are not counted). -#}
{% macro minutes_since(earlier, later) -%}
    {{ return(adapter.dispatch('minutes_since')(earlier, later)) }}
{%- endmacro %}
{% macro postgres__minutes_since(earlier, later) -%}
    cast(floor(date_part('epoch', {{ later }} - {{ earlier }}) / 60) as bigint)
{%- endmacro %}

{#- An instant moved by a number of minutes. -#}
{% macro add_minutes(instant, minutes) -%}
    {{ return(adapter.dispatch('add_minutes')(instant, minutes)) }}
{%- endmacro %}
{% macro postgres__add_minutes(instant, minutes) -%}
    ({{ instant }} + {{ minutes }} * interval '1 minute')
{%- endmacro %}

{#- Minutes of the wall clock that a text HH:MM names. -#}
{% macro clock_minutes(clock) -%}
    (cast(substr({{ clock }}, 1, 2) as integer) * 60 + cast(substr({{ clock }}, 4, 2) as integer))
{%- endmacro %}

{#- The instant at which the wall clock of a zone shows so many minutes on a day. -#}
{% macro at_clock(day, minutes, zone) -%}
    {{ return(adapter.dispatch('at_clock')(day, minutes, zone)) }}
{%- endmacro %}
{% macro postgres__at_clock(day, minutes, zone) -%}
    ((cast({{ day }} as timestamp) + {{ minutes }} * interval '1 minute') at time zone {{ zone }})
{%- endmacro %}

{#- The instant on another day at which the wall clock of a zone shows what it showed at an instant. -#}
{% macro same_clock(day, instant, zone) -%}
    {{ return(adapter.dispatch('same_clock')(day, instant, zone)) }}
{%- endmacro %}
{% macro postgres__same_clock(day, instant, zone) -%}
    (({{ day }} + cast({{ instant }} at time zone {{ zone }} as time)) at time zone {{ zone }})
{%- endmacro %}

{#- The instant that lies as long after one instant as another does after its own origin; less than a day. -#}
{% macro as_long_after(instant, origin, other) -%}
    {{ return(adapter.dispatch('as_long_after')(instant, origin, other)) }}
{%- endmacro %}
{% macro postgres__as_long_after(instant, origin, other) -%}
    ({{ instant }} + ({{ other }} - {{ origin }}))
{%- endmacro %}

{#- How often a whole number goes into another, neither of them negative. -#}
{% macro whole_times(number, divisor) -%}
    {{ return(adapter.dispatch('whole_times')(number, divisor)) }}
{%- endmacro %}
{% macro postgres__whole_times(number, divisor) -%}
    (({{ number }}) / ({{ divisor }}))
{%- endmacro %}

{#- A sub-query with one column `number`: every whole number of a closed interval. -#}
{% macro numbers_between(first_number, last_number) -%}
    {{ return(adapter.dispatch('numbers_between')(first_number, last_number)) }}
{%- endmacro %}
{% macro postgres__numbers_between(first_number, last_number) -%}
    (select generated.number from generate_series({{ first_number }}, {{ last_number }}) as generated (number))
{%- endmacro %}

{#- Whole days from one day to another, negative when the other comes first. -#}
{% macro days_from(first_day, other_day) -%}
    {{ return(adapter.dispatch('days_from')(first_day, other_day)) }}
{%- endmacro %}
{% macro postgres__days_from(first_day, other_day) -%}
    ({{ other_day }} - {{ first_day }})
{%- endmacro %}
