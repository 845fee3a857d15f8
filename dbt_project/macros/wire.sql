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

{#- A list of codes, joined by |. Some clients send the list as JSON inside the text: ["3","7"] is 3|7. -#}
{% macro code_list(codes) -%}
    replace(replace(replace(replace(replace({{ codes }}, '[', ''), ']', ''), '"', ''), ' ', ''), ',', '|')
{%- endmacro %}

{#- A unit's name without what offices write in more than one way: the committee in front of it, the province behind a
    department, a district's kind cut short, what stands between a commune and its district. -#}
{% macro plain_unit_name(name) -%}
    {% set cut = [
        ('uy ban nhan dan ', ''), ('ubnd ', ''), (' - ', ', '), (', tp. ', ', thanh pho '), (', tp ', ', thanh pho '),
        (', h. ', ', huyen '), (', tx. ', ', thi xa ')
    ] %}
    {#- Before the first word stands what stands before the others. -#}
    {%- set plain = namespace(of="', ' || " ~ folded(name)) -%}
    {%- for written, meant in cut %}
        {%- set plain.of = 'replace(' ~ plain.of ~ ", '" ~ written ~ "', '" ~ meant ~ "')" -%}
    {%- endfor -%}
    case when {{ plain.of }} like ', so %' then {{ text_before(plain.of, "' tinh '") }} else {{ plain.of }} end
{%- endmacro %}

{#- The unit of a time limit, of the words for it. -#}
{% macro limit_unit(words) -%}
    case {{ words }} when 'Ngày làm việc' then 'working_days' when 'Ngày' then 'calendar_days' end
{%- endmacro %}

{#- Whether a list of codes (code_list) names one of them. An empty list names none. -#}
{% macro names_code(list, code) -%}
    coalesce('|' || {{ list }} || '|' like '%|{{ code }}|%', false)
{%- endmacro %}
