{#- How tables and views come to be: dbt's own materializations in fewer steps. Those rename what stands out of the way, rename
    the new one into its place and drop the former one after the commit, each step a statement with a context of its own:
    380 of them in a build of everything, a fifth of dbt's time. Nobody reads a model while a build is at it, so that one
    statement makes the new one and another drops the former, takes its name and looks at its rows, in one transaction: a build
    killed anywhere leaves the one or the other. What dbt tells of a model, its rows among it, is the answer to the end of the
    first statement, so that it ends with the rows. Contracts, hooks, grants and comments are dbt's as they were. -#}

{% materialization table, adapter='postgres' %}
    {{ return(made_at_once('table')) }}
{% endmaterialization %}

{% materialization view, adapter='postgres' %}
    {{ return(made_at_once('view')) }}
{% endmaterialization %}

{#- Going on from the last build writes the rows of what was touched (touched.sql). All else is made as a table is. -#}
{% materialization incremental, adapter='postgres' %}
    {%- set former = load_cached_relation(this) -%}
    {%- if former is none or former.is_view or should_full_refresh() -%}
        {{ return(made_at_once('table')) }}
    {%- endif -%}
    {{ return(gone_on_with(former)) }}
{% endmaterialization %}

{% macro made_at_once(kind) %}
    {%- set former = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type=kind) -%}
    {%- set aside = make_intermediate_relation(target) -%}
    {{ before_it_is_made() }}
    {% call statement('main') -%}
        {%- if kind == 'view' -%}
            {{ dropped(former) }}
            {{ get_create_view_as_sql(target, sql) }}
        {%- else -%}
            {#- A table may be made of what it held before, which therefore goes last. -#}
            {{ get_create_table_as_sql(False, aside, sql) }}
        {%- endif -%}
    {%- endcall %}
    {% if kind == 'table' -%}
        {% call statement('in its place') -%}
            {{ dropped(former) }}
            alter table {{ aside }} rename to {{ adapter.quote(target.identifier) }};
            {{ indexed_for_what_is_touched(target) }}
            {#- Without statistics, joins of it are planned for a handful of rows: one took 7 s for 3,462. -#}
            {{ analyzed(target) }};
        {%- endcall %}
    {%- endif %}
    {% do create_indexes(target) %}
    {{ return(ended(target, former, as_new=True)) }}
{% endmacro %}

{% macro gone_on_with(former) %}
    {%- set target = this.incorporate(type='table') -%}
    {%- set new_rows = make_temp_relation(target) -%}
    {{ before_it_is_made() }}
    {% do run_query(get_create_table_as_sql(True, new_rows, sql)) %}
    {% call statement('main') -%}
        {{ get_incremental_touched_sql({
            'target_relation': target,
            'temp_relation': new_rows,
            'unique_key': config.get('unique_key'),
            'dest_columns': process_schema_changes('fail', new_rows, former) or adapter.get_columns_in_relation(former),
        }) }};
    {%- endcall %}
    {% call statement('looked at') -%}
        {{ analyzed_if_grown(target, load_result('main').response.rows_affected) }};
    {%- endcall %}
    {{ return(ended(target, former, as_new=False)) }}
{% endmacro %}

{#- Hooks before it, grants, comments and hooks after it, where there are any: asking dbt's macros costs as much as a statement. -#}
{% macro before_it_is_made() %}
    {%- if pre_hooks -%}
        {{ run_hooks(pre_hooks, inside_transaction=False) }}
        {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- endif -%}
{% endmacro %}

{% macro ended(target, former, as_new) %}
    {%- if post_hooks -%}{{ run_hooks(post_hooks, inside_transaction=True) }}{%- endif -%}
    {%- if config.get('grants') -%}
        {% do apply_grants(target, config.get('grants'), should_revoke=should_revoke(former, full_refresh_mode=as_new)) %}
    {%- endif -%}
    {% do persist_docs(target, model) %}
    {{ adapter.commit() }}
    {%- if post_hooks -%}{{ run_hooks(post_hooks, inside_transaction=False) }}{%- endif -%}
    {{ return({'relations': [target]}) }}
{% endmacro %}

{#- An index of the column by which a build that goes on finds the rows of what was touched (touched.sql), unless the table's
    own key is that column. -#}
{% macro indexed_for_what_is_touched(target) -%}
    {%- set column = found_by(config.get('unique_key')) if config.get('materialized') == 'incremental' else none -%}
    {%- set own = model.get('constraints', []) | selectattr('type', 'equalto', 'primary_key') | map(attribute='columns') | list -%}
    {%- if column is not none and [column] not in own -%}
    create index on {{ target }} ({{ column }});
    {%- endif -%}
{%- endmacro %}

{% macro dropped(former) -%}
    {%- if former is not none -%}
    drop {{ former.type | replace('_', ' ') }} if exists {{ former }} cascade;
    {%- endif -%}
{%- endmacro %}

{#- A contract's columns and those of the query, by name and type, asked for in one statement instead of two. Where they are not
    the same, dbt's own comparison finds the words for it. -#}
{% macro postgres__get_assert_columns_equivalent(sql) %}
    {%- set promised = model['columns'].values() | list -%}
    {%- set query -%}
        select * from (
            {{ sql }}
        ) as queried
        cross join ({{ get_empty_schema_sql(model['columns']) }}) as promised
        where false
        limit 0
    {%- endset -%}
    {%- set found = adapter.get_column_schema_from_query(query) -%}
    {%- set queried = found[: found | length - promised | length] -%}
    {%- set types = {} -%}
    {%- for column in found[found | length - promised | length :] -%}
        {%- do types.update({column.name: column.dtype}) -%}
    {%- endfor -%}
    {%- set same = queried | selectattr('name', 'in', types) | list -%}
    {%- set differing = [] -%}
    {%- for column in queried if types.get(column.name) != column.dtype -%}
        {%- do differing.append(column.name) -%}
    {%- endfor -%}
    {%- if not promised or differing or same | length != types | length or queried | length != types | length -%}
        {{ return(assert_columns_equivalent(sql)) }}
    {%- endif -%}
{% endmacro %}
