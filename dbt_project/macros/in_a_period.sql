{#- Whether a dossier was resolved in a period [from_at, to_at) and not closed otherwise before that. -#}
{% macro resolved_in(dossier, period) -%}
    {{ dossier }}.resolved_at >= {{ period }}.from_at and {{ dossier }}.resolved_at < {{ period }}.to_at
    and {{ stays_resolved(dossier) }}
{%- endmacro %}

{#- Whether what was resolved had not been closed otherwise before. -#}
{% macro stays_resolved(dossier) -%}
    ({{ dossier }}.closed_otherwise_at is null or {{ dossier }}.closed_otherwise_at >= {{ dossier }}.resolved_at)
{%- endmacro %}

{#- Three named queries for a `with`: complete periods, of each jurisdiction the edges of its periods, and the periods by
    the places of theirs among these (placed_period). What is told is placed there once, and not held against each period. -#}
{% macro periods_placed() -%}
period as (

    select
        jurisdiction,
        period,
        from_at,
        to_at
    from {{ ref('dim_period') }}
    where is_complete

),

edge as (

    {{ edges_of('period') }}

),

placed_period as (

    select
        period.jurisdiction,
        period.period,
        {{ place_among('period.from_at', 'edge.edges') }} as from_place,
        {{ place_among('period.to_at', 'edge.edges') }} as to_place
    from period
    inner join edge on edge.jurisdiction = period.jurisdiction

)
{%- endmacro %}

{#- Whether what is told was received in a period of its jurisdiction, by places among the edges of periods (edges_of). -#}
{% macro placed_in(told, period) -%}
    {{ period }}.jurisdiction = {{ told }}.jurisdiction
    and {{ told }}.received_place >= {{ period }}.from_place
    and {{ told }}.received_place < {{ period }}.to_place
{%- endmacro %}
