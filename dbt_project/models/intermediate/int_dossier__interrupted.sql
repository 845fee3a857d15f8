-- When a dossier waited for somebody else: for papers (supplement), for a fee to be paid (fee, status 6), suspended
-- (status 8). From the request or the step that left that status, to the papers' arrival or the next step.
with halted as (

    select distinct
        ranked.jurisdiction,
        progress.record_code
    from {{ ref('stg_provincial__progress') }} as progress
    inner join {{ ref('int_delivery__ranked') }} as ranked on ranked.delivery_id = progress.delivery_id
    where progress.status in ('6', '8')

),

step as (

    select
        ranked.jurisdiction,
        ranked.zone,
        progress.step_number,
        progress.record_code,
        progress.status,
        progress.happened_at,
        row_number() over (
            partition by ranked.jurisdiction, progress.step_number
            order by progress.changed_at desc, progress.row_sha256 desc
        ) as recency
    from {{ ref('stg_provincial__progress') }} as progress
    inner join {{ ref('int_delivery__ranked') }} as ranked on ranked.delivery_id = progress.delivery_id
    inner join halted
        on halted.jurisdiction = ranked.jurisdiction and halted.record_code = progress.record_code

),

followed as (

    select
        jurisdiction,
        zone,
        record_code,
        status,
        happened_at as from_at,
        lead(happened_at) over (
            partition by jurisdiction, record_code
            order by happened_at asc, step_number asc
        ) as until_at
    from step
    where recency = 1

),

interruption as (

    select
        {{ key_in('followed.jurisdiction', 'identified.dossier_code') }} as dossier_key,
        followed.jurisdiction,
        followed.zone,
        case followed.status when '6' then 'fee' else 'suspended' end as kind,
        followed.from_at,
        followed.until_at
    from followed
    inner join {{ ref('int_record__identified') }} as identified
        on
            identified.jurisdiction = followed.jurisdiction
            and identified.system = 'provincial'
            and identified.record_code = followed.record_code
    where followed.status in ('6', '8')
    union all
    select
        dossier_key,
        jurisdiction,
        zone,
        'supplement' as kind,
        asked_at as from_at,
        came_at as until_at
    from {{ ref('int_supplement__waited') }}

)

select
    interruption.dossier_key,
    interruption.jurisdiction,
    interruption.kind,
    interruption.from_at,
    interruption.until_at,
    {{ minutes_worked_by('began', 'interruption.from_at') }} as worked_from,
    {{ minutes_worked_by('ended', 'interruption.until_at') }} as worked_until
from interruption
left join {{ ref('int_calendar__day') }} as began
    on {{ on_day_of('began', 'interruption', 'interruption.from_at') }}
left join {{ ref('int_calendar__day') }} as ended
    on {{ on_day_of('ended', 'interruption', 'interruption.until_at') }}
