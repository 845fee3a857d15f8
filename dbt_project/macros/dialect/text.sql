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

{#- The text before the first separator (all of it when there is none), and the text from that separator on. -#}
{% macro text_before(text, separator) -%}
    {{ return(adapter.dispatch('text_before')(text, separator)) }}
{%- endmacro %}
{% macro postgres__text_before(text, separator) -%}
    split_part({{ text }}, {{ separator }}, 1)
{%- endmacro %}
{% macro text_from(text, separator) -%}
    {{ return(adapter.dispatch('text_from')(text, separator)) }}
{%- endmacro %}
{% macro postgres__text_from(text, separator) -%}
    substr({{ text }}, length(split_part({{ text }}, {{ separator }}, 1)) + 1)
{%- endmacro %}

{#- Text without case, Vietnamese marks and runs of spaces: what is left of a name however it was typed. A server whose
    locale knows ASCII alone folds no other letters, so the capitals stand in the list. -#}
{% macro folded(text) -%}
    {{ return(adapter.dispatch('folded')(text)) }}
{%- endmacro %}
{% macro postgres__folded(text) -%}
    trim(regexp_replace(lower(translate(
        normalize({{ text }}, nfc),
        'àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴĐ',
        'aaaaaaaaaaaaaaaaaeeeeeeeeeeeiiiiiooooooooooooooooouuuuuuuuuuuyyyyydaaaaaaaaaaaaaaaaaeeeeeeeeeeeiiiiiooooooooooooooooouuuuuuuuuuuyyyyyd'
    )), '\s+', ' ', 'g'))
{%- endmacro %}

{#- Text to be ordered by code point, so that an order is the same whatever the server's language. -#}
{% macro code_order(text) -%}
    {{ return(adapter.dispatch('code_order')(text)) }}
{%- endmacro %}
{% macro postgres__code_order(text) -%}
    {{ text }} collate "C"
{%- endmacro %}
