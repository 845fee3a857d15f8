{#- Models that grow with dossiers are built by what changed: a run writes the rows of what its deliveries touched anew
    and leaves the rest as it is. What was touched stands in the models int_*__touched. Whether a run may go on from what
    the last one built at all, orchestration/building.py decides; if not, dbt is told --full-refresh. -#}

{#- Whether this run goes on from what the last one built; for models that are always made whole. A unit test has no
    table of its own (`this`), and tries a model as a whole build does. -#}
{% macro goes_on() -%}
    {{ return(execute and not flags.FULL_REFRESH and this is not none) }}
{%- endmacro %}

{#- What may have been touched: the model that says so, and the columns by which it names it. -#}
{% macro touched_model(what) -%}
    int_{{ 'dossier' if what == 'dossier_key' else what }}__touched
{%- endmacro %}
{% macro touched_key(what) -%}
    {{ {
        'record': 'jurisdiction, system, record_code',
        'step': 'jurisdiction, step_number',
        'code': 'jurisdiction, code',
        'dossier': 'jurisdiction, dossier_code',
        'dossier_key': 'dossier_key',
        'suspect': 'dossier_key',
        'timeliness': 'cut_off, jurisdiction, unit_key, procedure_key, received_month',
    }[what] }}
{%- endmacro %}

{#- Whether this model's rows of what was touched are all that is made of it in this run. -#}
{% macro made_of_touched() -%}
    {{ return(execute and this is not none and is_incremental()) }}
{%- endmacro %}

{#- The condition that a row is of something touched, by the row's columns; true of every row where all is built. -#}
{% macro is_touched(what, columns) -%}
    {%- if not execute -%}
    {{ ref(touched_model(what)) }}
    {%- elif made_of_touched() -%}
    ({{ columns | join(', ') }}) in (select {{ touched_key(what) }} from {{ ref(touched_model(what)) }})
    {%- else -%}
    1 = 1
    {%- endif -%}
{%- endmacro %}

{#- The column by which rows of what was touched are found: the last of a model's key; none where that is of expressions.
    Tables have an index of it (made.sql), for a day touches three rows in a hundred. -#}
{% macro found_by(unique_key) -%}
    {%- set is_plain = unique_key and (unique_key | join('') | replace('_', '')).isalnum() -%}
    {{ return(unique_key[-1] if is_plain else none) }}
{%- endmacro %}

{#- A model that is built by what changed, or of it the rows of what was touched, found by its index: all of it where all is
    built. `columns` are those that name what may have been touched. -#}
{% macro touched_of(name, what, columns) -%}
    {%- if not execute -%}
    {{ ref(name) }} {{ ref(touched_model(what)) }}
    {%- elif made_of_touched() -%}
    {{ assert_indexed(name, columns[-1]) }}
    {{ rows_named(ref(name), columns, ref(touched_model(what)), touched_key(what)) }}
    {%- else -%}
    {{ ref(name) }}
    {%- endif -%}
{%- endmacro %}

{#- The same by what the query itself names, in a relation with the same columns. -#}
{% macro those_of(name, naming, columns) -%}
    {%- if made_of_touched() -%}
    {{ assert_indexed(name, columns[-1]) }}
    {{ rows_named(ref(name), columns, naming, columns | join(', ')) }}
    {%- else -%}
    {{ ref(name) }}
    {%- endif -%}
{%- endmacro %}

{#- Nothing where a model has an index that begins with a column; else an error, for all its rows would be read for each key. -#}
{% macro assert_indexed(name, column) -%}
    {%- set found = namespace(indexed=[]) -%}
    {%- for node in graph.nodes.values() if node.name == name and node.config.materialized == 'incremental' -%}
        {%- set others = node.config.get('indexes') or [] -%}
        {%- set found.indexed = [found_by(node.config.unique_key)] + (others | map(attribute='columns') | map('first') | list) -%}
    {%- endfor -%}
    {%- if column not in found.indexed -%}
        {{ exceptions.raise_compiler_error(name ~ ' has no index of ' ~ column) }}
    {%- endif -%}
{%- endmacro %}

{#- A model as the last run left it, for those that come before it in this one. -#}
{% macro as_built(schema, name) -%}
    {{ return(api.Relation.create(database=target.database, schema=schema, identifier=name)) }}
{%- endmacro %}

{#- dbt's strategy `touched`: the rows of what was touched go, whether or not there are any now; what there is now comes. -#}
{% macro get_incremental_touched_sql(arg_dict) -%}
    {%- set what = config.get('meta')['touched'] -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    {{ rows_deleted(
        arg_dict['target_relation'], arg_dict['unique_key'], ref(touched_model(what)), touched_key(what),
        is_indexed=found_by(arg_dict['unique_key']) is not none
    ) }};

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{%- endmacro %}

{#- What a test of rows asks of a model that this build went on with: the rows of what was touched. The others are those of
    which the same test held in the last build, whose tests all held and whose project was this one (orchestration/building.py).
    No test asks more than one row, but for whether a key is given twice; and rows of one key are of one touched thing. -#}
{% macro postgres__get_where_subquery(relation) -%}
    {%- set asked = namespace(model=none) -%}
    {%- if execute and flags.WHICH == 'build' and not flags.FULL_REFRESH and not config.get('where') -%}
        {%- for node in graph.nodes.values() if node.name == relation.identifier and node.config.materialized == 'incremental' -%}
            {%- set asked.model = node -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if asked.model is none -%}
        {{ return(default__get_where_subquery(relation)) }}
    {%- endif -%}
    {%- set what = asked.model.config.meta['touched'] -%}
    {%- set rows -%}
        (
            select *
            from {{ relation }}
            where ({{ asked.model.config.unique_key | join(', ') }}) in (
                select {{ touched_key(what) }} from {{ as_built('intermediate', touched_model(what)) }}
            )
        ) as touched_rows
    {%- endset -%}
    {{ return(rows) }}
{%- endmacro %}
