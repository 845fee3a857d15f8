{#- Models live in the schema their folder names, without a prefix: staging, intermediate, candidate. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name if custom_schema_name is not none else target.schema }}
{%- endmacro %}
