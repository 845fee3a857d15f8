-- Where the time goes over: steps of the internal workflow by unit and month, additive. The mean is over_minutes or
-- spent_minutes divided by steps.
select
    {{ grain_key(['jurisdiction', 'unit_key', 'workflow_step', 'started_month']) }} as step_bottleneck_key,
    jurisdiction,
    unit_key,
    workflow_step,
    started_month,
    cast(count(*) as bigint) as steps,
    cast(sum(case when over_minutes > 0 then 1 else 0 end) as bigint) as steps_over,
    cast(sum(allowed_minutes) as bigint) as allowed_minutes,
    cast(sum(spent_minutes) as bigint) as spent_minutes,
    cast(sum(over_minutes) as bigint) as over_minutes
from {{ ref('fct_dossier_step') }}
where kind = 'work' and spent_minutes is not null and allowed_minutes is not null
group by
    jurisdiction,
    unit_key,
    workflow_step,
    started_month
