{#- Levels in the order of the official forms: province, district, commune, and last what has no level. -#}
{% macro level_place(level) -%}
    case {{ level }} when 'province' then 1 when 'district' then 2 when 'commune' then 3 else 4 end
{%- endmacro %}
