-- The stretches in which a dossier waited for somebody else, as minutes on its calendar's axis of working time.
{{ config(materialized='incremental', unique_key=['dossier_key'], meta={'touched': 'dossier_key'}) }}
with stretch as (

    select
        {{ key_in('waiting.jurisdiction', 'waiting.dossier_code') }} as dossier_key,
        waiting.jurisdiction,
        jurisdiction.zone,
        waiting.waits_for as kind,
        waiting.from_at,
        waiting.to_at as until_at
    from {{ touched_of('int_dossier__waiting', 'dossier', ['jurisdiction', 'dossier_code']) }} as waiting
    inner join {{ source('reference', 'jurisdiction') }} as jurisdiction
        on jurisdiction.jurisdiction = waiting.jurisdiction

)

select
    stretch.dossier_key,
    stretch.jurisdiction,
    stretch.kind,
    stretch.from_at,
    stretch.until_at,
    {{ minutes_worked_by('began', 'stretch.from_at') }} as worked_from,
    {{ minutes_worked_by('ended', 'stretch.until_at') }} as worked_until
from stretch
left join {{ ref('int_calendar__day') }} as began
    on {{ on_day_of('began', 'stretch', 'stretch.from_at') }}
left join {{ ref('int_calendar__day') }} as ended
    on {{ on_day_of('ended', 'stretch', 'stretch.until_at') }}
