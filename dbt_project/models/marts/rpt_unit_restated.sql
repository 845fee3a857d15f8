-- What each unit's dossiers came to by the as-of instant, told on the units of today. What cannot be told on one of
-- them stands in a row of its own under the unit of its time; nothing is shared out, nothing is left away.
with dossier as (

    select
        dossier_key,
        jurisdiction,
        unit_key,
        received_on
    from {{ ref('fct_dossier') }}

),

-- Few distinct days and units: what is joined to the versions is thousands of rows and not every dossier.
counted as (

    select
        dossier.jurisdiction,
        dossier.unit_key,
        dossier.received_on,
        verdict.policy,
        count(*) as received,
        sum(case when verdict.verdict in ('early', 'on_due_day', 'late', 'no_due') then 1 else 0 end) as resolved,
        sum(case when verdict.verdict in ('early', 'on_due_day') then 1 else 0 end) as on_time,
        sum(case when verdict.verdict = 'late' then 1 else 0 end) as late,
        sum(
            case when verdict.verdict in ('pending_in_time', 'pending_overdue', 'pending_no_due') then 1 else 0 end
        ) as pending,
        sum(case when verdict.verdict = 'closed_otherwise' then 1 else 0 end) as closed_otherwise
    from dossier
    inner join {{ ref('fct_dossier_verdict') }} as verdict on verdict.dossier_key = dossier.dossier_key
    where verdict.verdict <> 'not_yet'
    group by
        dossier.jurisdiction,
        dossier.unit_key,
        dossier.received_on,
        verdict.policy

),

-- The version of the day of receipt; the newest where the unit had none that day (a list that came too late).
versioned as (

    select
        counted.jurisdiction,
        coalesce(of_its_day.unit_version_key, latest.unit_version_key) as unit_version_key,
        counted.policy,
        counted.received,
        counted.resolved,
        counted.on_time,
        counted.late,
        counted.pending,
        counted.closed_otherwise
    from counted
    inner join {{ ref('dim_unit') }} as latest on latest.unit_key = counted.unit_key and latest.is_current
    left join {{ ref('dim_unit') }} as of_its_day
        on of_its_day.unit_key = counted.unit_key and {{ holds_on('of_its_day', 'counted.received_on') }}

),

restated as (

    select
        unit_version_key,
        min(case when weight = 1 then restated_unit_key end) as restated_unit_key,
        max(case when relation = 'split' then 'split' when relation = 'ended' then 'ended' else 'attributed' end)
            as attribution
    from {{ ref('map_unit_restated') }}
    group by unit_version_key

),

told as (

    select
        versioned.jurisdiction,
        versioned.policy,
        restated.attribution,
        restated.restated_unit_key,
        case when restated.attribution <> 'attributed' then versioned.unit_version_key end as former_unit_version_key,
        versioned.received,
        versioned.resolved,
        versioned.on_time,
        versioned.late,
        versioned.pending,
        versioned.closed_otherwise
    from versioned
    inner join restated on restated.unit_version_key = versioned.unit_version_key

)

select
    {{ grain_key(['jurisdiction', 'policy', 'restated_unit_key', 'former_unit_version_key']) }} as unit_restated_key,
    jurisdiction,
    policy,
    attribution,
    case attribution
        when 'attributed' then 'Tính theo đơn vị hiện nay'
        when 'split' then 'Đã chia cho nhiều đơn vị, không phân bổ được'
        else 'Đã kết thúc, chưa rõ đơn vị kế thừa'
    end as attribution_vi,
    restated_unit_key,
    former_unit_version_key,
    cast(sum(received) as bigint) as received,
    cast(sum(resolved) as bigint) as resolved,
    cast(sum(on_time) as bigint) as on_time,
    cast(sum(late) as bigint) as late,
    cast(sum(pending) as bigint) as pending,
    cast(sum(closed_otherwise) as bigint) as closed_otherwise
from told
group by
    jurisdiction,
    policy,
    attribution,
    restated_unit_key,
    former_unit_version_key
