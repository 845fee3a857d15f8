{#- Whether a dossier was resolved in a period [from_at, to_at) and not closed otherwise before that. -#}
{% macro resolved_in(dossier, period) -%}
    {{ dossier }}.resolved_at >= {{ period }}.from_at and {{ dossier }}.resolved_at < {{ period }}.to_at
    and ({{ dossier }}.closed_otherwise_at is null or {{ dossier }}.closed_otherwise_at >= {{ dossier }}.resolved_at)
{%- endmacro %}

{#- Whether what is told was received in a period of its jurisdiction, by places among the edges of periods (edges_of). -#}
{% macro placed_in(told, period) -%}
    {{ period }}.jurisdiction = {{ told }}.jurisdiction
    and {{ told }}.received_place >= {{ period }}.from_place
    and {{ told }}.received_place < {{ period }}.to_place
{%- endmacro %}
