{#- Of each touched dossier and policy, all that fct_timeliness makes its counts of, from tables as they are now or as the last
    build left them. Stretches of waiting are told in one text: only whether they are the same matters. -#}
{% macro counted_of_touched(dossier, judged, waiting) -%}
    select
        dossier.dossier_key,
        dossier.jurisdiction,
        dossier.unit_key,
        dossier.competent_unit_key,
        dossier.procedure_key,
        dossier.channel_key,
        dossier.received_at,
        dossier.received_month,
        judged.policy,
        judged.compares,
        judged.missing_due,
        judged.due_at,
        judged.due_on,
        judged.resolved_at,
        judged.resolved_month,
        judged.resolution,
        judged.closed_otherwise_at,
        judged.exceeded_at,
        waits.stretches,
        waits.first_from_at
    from {{ rows_named(dossier, ['dossier_key'], ref('int_dossier__touched'), 'dossier_key') }} as dossier
    inner join {{ ref('int_dossier__touched') }} as touched on touched.dossier_key = dossier.dossier_key
    inner join {{ rows_named(judged, ['dossier_key'], ref('int_dossier__touched'), 'dossier_key') }} as judged
        on judged.dossier_key = dossier.dossier_key
    left join (
        select
            waiting.jurisdiction,
            waiting.dossier_code,
            min(waiting.from_at) as first_from_at,
            {{ dbt.listagg(
                "waiting.waits_for || ' ' || cast(waiting.from_at as " ~ dbt.type_string() ~ ") || ' '"
                ~ " || coalesce(cast(waiting.to_at as " ~ dbt.type_string() ~ "), '')",
                "','",
                'order by waiting.from_at asc, waiting.to_at asc, waiting.waits_for asc'
            ) }} as stretches
        from {{ rows_named(
            waiting, ['jurisdiction', 'dossier_code'], ref('int_dossier__touched'), 'jurisdiction, dossier_code'
        ) }} as waiting
        group by
            waiting.jurisdiction,
            waiting.dossier_code
    ) as waits
        on waits.jurisdiction = touched.jurisdiction and waits.dossier_code = touched.dossier_code
{%- endmacro %}
