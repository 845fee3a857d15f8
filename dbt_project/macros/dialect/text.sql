{#- Keys and bytes that databases spell differently. -#}

{#- A readable key below a jurisdiction: boston/PWDx. Null when the code is null. -#}
{% macro key_in(jurisdiction, code) -%}
    {{ jurisdiction }} || '/' || {{ code }}
{%- endmacro %}

{#- Lower-case hexadecimal of bytes. -#}
{% macro hex_of(bytes) -%}
    {{ return(adapter.dispatch('hex_of')(bytes)) }}
{%- endmacro %}
{% macro postgres__hex_of(bytes) -%}
    encode({{ bytes }}, 'hex')
{%- endmacro %}

{#- One short key for a grain of many columns: md5 over the parts, null and empty told apart. -#}
{% macro grain_key(parts) -%}
    md5(
        {%- for part in parts %}
        coalesce('=' || cast({{ part }} as {{ dbt.type_string() }}), '-') || '|'
        {%- if not loop.last %} ||{% endif %}
        {%- endfor %}
    )
{%- endmacro %}
