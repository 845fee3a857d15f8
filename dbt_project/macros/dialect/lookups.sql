{#- How the few rows are found that a small relation names by a key, of a table that has an index of the key's last column. -#}

{#- A sub-query: rows of a table by the keys that another relation names. Joins are hashed alone (PLANNING in
    orchestration/dbt_project.py), which reads every row. A sub-query that may not be taken apart (`offset 0`) is asked for
    each key, by the index; and how many rows come of it the planner knows, which it does not of an array of keys. -#}
{% macro rows_named(relation, columns, naming, key) -%}
    {{ return(adapter.dispatch('rows_named')(relation, columns, naming, key)) }}
{%- endmacro %}
{% macro default__rows_named(relation, columns, naming, key) -%}
    (select * from {{ relation }} where ({{ columns | join(', ') }}) in (select {{ key }} from {{ naming }}))
{%- endmacro %}
{% macro postgres__rows_named(relation, columns, naming, key) -%}
    (
        select found.*
        from (select distinct {{ key }} from {{ naming }}) as named
        cross join lateral (
            select *
            from {{ relation }} as kept
            where
                {% for column in columns -%}
                kept.{{ column }} = named.{{ key.split(', ')[loop.index0] }}{{ ' and ' if not loop.last }}
                {%- endfor %}
            offset 0
        ) as found
    )
{%- endmacro %}

{#- The statement that removes such rows; all are read where there is no index. -#}
{% macro rows_deleted(relation, columns, naming, key, is_indexed) -%}
    {{ return(adapter.dispatch('rows_deleted')(relation, columns, naming, key, is_indexed)) }}
{%- endmacro %}
{% macro default__rows_deleted(relation, columns, naming, key, is_indexed) -%}
    delete from {{ relation }}
    where ({{ columns | join(', ') }}) in (select {{ key }} from {{ naming }})
{%- endmacro %}
{% macro postgres__rows_deleted(relation, columns, naming, key, is_indexed) -%}
    {{ default__rows_deleted(relation, columns, naming, key, is_indexed) }}
    {%- if is_indexed %}
        and {{ columns[-1] }} = any (array(select {{ key.split(', ')[-1] }} from {{ naming }}))
    {%- endif -%}
{%- endmacro %}
