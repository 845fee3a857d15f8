{#- Rows for each unit, for the units of a level together, and for all of them: the three kinds of row of a report by unit. -#}

{#- The grouping itself; `row` is what a row is of besides (jurisdiction and period). -#}
{% macro by_unit_level_and_total(row) -%}
    grouping sets (
        ({{ row | join(', ') }}, level, unit_key),
        ({{ row | join(', ') }}, level),
        ({{ row | join(', ') }})
    )
{%- endmacro %}

{#- Which kind a row of that grouping is. -#}
{% macro kind_of_row() -%}
    case when grouping(level) = 1 then 'total' when grouping(unit_key) = 1 then 'level' else 'unit' end
{%- endmacro %}

{#- A share in per cent, two decimals, half away from zero; null where nothing is divided. -#}
{% macro percent_of(part, whole) -%}
    cast(round(cast(100 * {{ part }} as numeric(28, 6)) / nullif({{ whole }}, 0), 2) as numeric(9, 2))
{%- endmacro %}
