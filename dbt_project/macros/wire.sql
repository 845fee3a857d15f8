{#- What Vietnamese systems write in more than one way, brought to one form. -#}

{#- The national status number of a one-stop register's words. -#}
{% macro one_stop_status(words) -%}
    case {{ words }}
            when 'Mới đăng ký' then '1'
            when 'Được tiếp nhận' then '2'
            when 'Không được tiếp nhận' then '3'
            when 'Đang xử lý' then '4'
            when 'Yêu cầu bổ sung giấy tờ' then '5'
            when 'Yêu cầu thực hiện nghĩa vụ tài chính' then '6'
            when 'Công dân yêu cầu rút' then '7'
            when 'Dừng xử lý' then '8'
            when 'Đã xử lý xong' then '9'
            when 'Đã trả kết quả' then '10'
        end
{%- endmacro %}

{#- The national channel number of a one-stop register's words. -#}
{% macro one_stop_channel(words) -%}
    case {{ words }} when 'Trực tiếp' then '1' when 'Trực tuyến' then '2' when 'Bưu chính' then '3' end
{%- endmacro %}

{#- An agency id in forward order: 000.00.12.H55 and H55.12 are one agency, and so are 000.03.12.H55 and H55.12.03. -#}
{% macro agency_code(id) -%}
    {{ return(adapter.dispatch('agency_code')(id)) }}
{%- endmacro %}
{% macro postgres__agency_code(id) -%}
    regexp_replace(
        regexp_replace({{ id }}, '^000\.00\.([0-9]+)\.(H[0-9]+)$', '\2.\1'),
        '^000\.([0-9]+)\.([0-9]+)\.(H[0-9]+)$', '\3.\2.\1'
    )
{%- endmacro %}

{#- A dossier code with its agency id in forward order. -#}
{% macro dossier_code(code) -%}
    {{ agency_code(text_before(code, "'-'")) }} || {{ text_from(code, "'-'") }}
{%- endmacro %}

{#- An instant that can be one: a failed computation leaves the year 1. -#}
{% macro plausible(instant) -%}
    case when {{ instant }} >= '1900-01-01' then {{ instant }} end
{%- endmacro %}

{#- Whether a list of databases' numbers names one of them: joined by |, or as JSON that stands in the text. An empty list
    names none. -#}
{% macro names_database(list, number) -%}
    coalesce(
        '|' || replace(replace(replace(replace({{ list }}, '[', '|'), ']', '|'), ',', '|'), '"', '') || '|'
        like '%|{{ number }}|%',
        false
    )
{%- endmacro %}
