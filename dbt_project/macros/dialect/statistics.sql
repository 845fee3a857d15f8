{#- Tells the planner what a table just made holds. -#}
{% macro analyzed(relation) -%}
    {{ return(adapter.dispatch('analyzed')(relation)) }}
{%- endmacro %}
{% macro postgres__analyzed(relation) -%}
    analyze {{ relation }}
{%- endmacro %}

{#- The same of a table that has statistics, once a tenth of it was written since: looking at a table of a province takes
    0.3 to 1.5 s, and what a day changes is one or two parts in a hundred of it. -#}
{% macro analyzed_if_grown(relation, rows_written) -%}
    {{ return(adapter.dispatch('analyzed_if_grown')(relation, rows_written)) }}
{%- endmacro %}
{% macro postgres__analyzed_if_grown(relation, rows_written) -%}
    do $looked_at$
    begin
        if (
            select told.reltuples <= 0 or 10 * (coalesce(moved.n_mod_since_analyze, 0) + 2 * {{ rows_written }}) > told.reltuples
            from pg_class as told
            left join pg_stat_user_tables as moved on moved.relid = told.oid
            where told.oid = to_regclass({{ dbt.string_literal(relation | string) }})
        ) then
            analyze {{ relation }};
        end if;
    end
    $looked_at$
{%- endmacro %}
