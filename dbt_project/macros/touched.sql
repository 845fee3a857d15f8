{#- Models that grow with dossiers are built by what changed: a run writes the rows of what its deliveries touched anew
    and leaves the rest as it is. What was touched stands in the models int_*__touched. Whether a run may go on from what
    the last one built at all, orchestration/building.py decides; if not, dbt is told --full-refresh. -#}

{#- Whether this run goes on from what the last one built; for models that are always made whole. -#}
{% macro goes_on() -%}
    {{ return(execute and not flags.FULL_REFRESH) }}
{%- endmacro %}

{#- What may have been touched: the model that says so, and the columns by which it names it. -#}
{% macro touched_by(what) -%}
    {{ return({
        'record': ('int_record__touched', ['jurisdiction', 'system', 'record_code']),
        'step': ('int_step__touched', ['jurisdiction', 'step_number']),
        'code': ('int_code__touched', ['jurisdiction', 'code']),
        'dossier': ('int_dossier__touched', ['jurisdiction', 'dossier_code']),
        'dossier_key': ('int_dossier__touched', ['dossier_key']),
    }[what]) }}
{%- endmacro %}

{#- The condition that a row is of something touched, by the row's columns; true of every row where all is built. -#}
{% macro is_touched(what, columns) -%}
    {%- set model, key = touched_by(what) -%}
    {%- if not execute -%}
    {{ ref(model) }}
    {%- elif is_incremental() -%}
    ({{ columns | join(', ') }}) in (select {{ key | join(', ') }} from {{ ref(model) }})
    {%- else -%}
    1 = 1
    {%- endif -%}
{%- endmacro %}

{#- A model as the last run left it, for those that come before it in this one. -#}
{% macro as_built(schema, name) -%}
    {{ return(api.Relation.create(database=target.database, schema=schema, identifier=name)) }}
{%- endmacro %}

{#- dbt's strategy `touched`: the rows of what was touched go, whether or not there are any now; what there is now comes. -#}
{% macro get_incremental_touched_sql(arg_dict) -%}
    {%- set model, key = touched_by(config.get('meta')['touched']) -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ arg_dict['target_relation'] }}
    where ({{ arg_dict['unique_key'] | join(', ') }}) in (select {{ key | join(', ') }} from {{ ref(model) }});

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{%- endmacro %}
