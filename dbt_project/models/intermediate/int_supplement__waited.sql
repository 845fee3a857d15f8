-- Requests to complete a dossier that stand, each in its newest version, with the working time until the papers came.
with request as (

    select
        ranked.jurisdiction,
        ranked.zone,
        supplement.supplement_number,
        supplement.record_code,
        supplement.asked_at,
        supplement.came_at,
        supplement.deleted_at,
        row_number() over (
            partition by ranked.jurisdiction, supplement.supplement_number
            order by supplement.changed_at desc, supplement.row_sha256 desc
        ) as recency
    from {{ ref('stg_provincial__supplement') }} as supplement
    inner join {{ ref('int_delivery__ranked') }} as ranked on ranked.delivery_id = supplement.delivery_id

),

standing as (

    select
        request.jurisdiction,
        request.zone,
        {{ key_in('request.jurisdiction', 'identified.dossier_code') }} as dossier_key,
        request.supplement_number,
        request.asked_at,
        request.came_at
    from request
    inner join {{ ref('int_record__identified') }} as identified
        on
            identified.jurisdiction = request.jurisdiction
            and identified.system = 'provincial'
            and identified.record_code = request.record_code
    where request.recency = 1 and request.deleted_at is null

)

select
    standing.dossier_key,
    standing.jurisdiction,
    standing.zone,
    standing.supplement_number,
    row_number() over (
        partition by standing.dossier_key, case when standing.came_at is null then 1 else 0 end
        order by standing.asked_at asc, standing.came_at asc, standing.supplement_number asc
    ) as place,
    standing.asked_at,
    standing.came_at,
    {{ local_date('standing.asked_at', 'standing.zone') }} as asked_on,
    {{ working_minutes_between('asked', 'standing.asked_at', 'came', 'standing.came_at') }} as waited_minutes
from standing
left join {{ ref('int_calendar__day') }} as asked
    on {{ on_day_of('asked', 'standing', 'standing.asked_at') }}
left join {{ ref('int_calendar__day') }} as came
    on {{ on_day_of('came', 'standing', 'standing.came_at') }}
