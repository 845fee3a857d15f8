{#- Versions of a thing over time: half-open days, and a day that stands for "since before the records begin". -#}

{#- The first day of what was there when the records begin. -#}
{% macro beginning() -%}
    cast('1900-01-01' as date)
{%- endmacro %}

{#- A readable key of one version: boston/PARK@1900-01-01. -#}
{% macro version_key(key, valid_from) -%}
    {{ key }} || '@' || cast({{ valid_from }} as {{ dbt.type_string() }})
{%- endmacro %}

{#- Whether a version holds on a day. -#}
{% macro holds_on(version, day) -%}
    {{ version }}.valid_from <= {{ day }} and ({{ version }}.valid_to is null or {{ version }}.valid_to > {{ day }})
{%- endmacro %}
