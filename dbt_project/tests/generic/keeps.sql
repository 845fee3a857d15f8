{#- What the rows of one table keep, asked in one statement: a test of its own costs every build a connection, a
    template and a statement. The `key` is there in each row, and in each another; what is `given` is never null; of a
    column whose values are `known`, null is none. Each row that comes out names a rule that is broken. -#}
{% test keeps(model, key=none, given=[], known={}) %}
{%- set questions = [] -%}
{%- if key is not none -%}
    {%- do questions.append("select 'the key is there, and in each row another' as broken from " ~ model
        ~ " group by " ~ key ~ " having count(*) > 1 or " ~ key ~ " is null") -%}
{%- endif -%}
{%- for column in given -%}
    {%- do questions.append("select '" ~ column ~ " is given' as broken from " ~ model ~ " where " ~ column ~ " is null") -%}
{%- endfor -%}
{%- for column, values in known.items() -%}
    {%- set literals = [] -%}
    {%- for value in values -%}
        {%- do literals.append("'" ~ value ~ "'" if value is string else value | string) -%}
    {%- endfor -%}
    {%- do questions.append("select '" ~ column ~ " is known' as broken from " ~ model
        ~ " where " ~ column ~ " not in (" ~ literals | join(", ") ~ ")") -%}
{%- endfor -%}
{{ questions | join("\nunion all\n") }}
{% endtest %}
