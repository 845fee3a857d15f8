{#- Tells the planner what a table just made holds. -#}
{% macro analyzed(relation) -%}
    {{ return(adapter.dispatch('analyzed')(relation)) }}
{%- endmacro %}
{% macro postgres__analyzed(relation) -%}
    analyze {{ relation }}
{%- endmacro %}
