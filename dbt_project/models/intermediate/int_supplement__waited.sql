-- Requests to complete a dossier that stand, in the order they were made, with the working time until the papers came.
{{ config(materialized='incremental', unique_key=['dossier_key'], meta={'touched': 'dossier_key'}) }}
with request as (

    select
        {{ key_in('waiting.jurisdiction', 'waiting.dossier_code') }} as dossier_key,
        waiting.jurisdiction,
        jurisdiction.zone,
        waiting.from_at as asked_at,
        waiting.to_at as came_at,
        waiting.file_sha256,
        waiting.row_number
    from {{ touched_of('int_dossier__waiting', 'dossier', ['jurisdiction', 'dossier_code']) }} as waiting
    inner join {{ source('reference', 'jurisdiction') }} as jurisdiction
        on jurisdiction.jurisdiction = waiting.jurisdiction
    where
        waiting.waits_for = 'supplement'

)

select
    request.dossier_key,
    request.jurisdiction,
    request.zone,
    row_number() over (
        partition by request.dossier_key, case when request.came_at is null then 1 else 0 end
        order by request.asked_at asc, request.came_at asc, request.file_sha256 asc, request.row_number asc
    ) as place,
    request.asked_at,
    request.came_at,
    {{ local_date('request.asked_at', 'request.zone') }} as asked_on,
    {{ working_minutes_between('asked', 'request.asked_at', 'came', 'request.came_at') }} as waited_minutes
from request
left join {{ ref('int_calendar__day') }} as asked
    on {{ on_day_of('asked', 'request', 'request.asked_at') }}
left join {{ ref('int_calendar__day') }} as came
    on {{ on_day_of('came', 'request', 'request.came_at') }}
