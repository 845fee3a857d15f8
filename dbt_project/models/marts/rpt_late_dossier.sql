-- The late list: what was resolved late or is overdue at the as-of instant under the jurisdiction's default policy,
-- by how much, in which step most of it arose, and whether an apology was sent.
{{ config(materialized='incremental', unique_key=['dossier_key'], meta={'touched': 'dossier_key'}) }}
with judged as (

    select
        verdict.dossier_key,
        verdict.jurisdiction,
        verdict.policy,
        verdict.verdict,
        verdict.due_at,
        jurisdiction.zone,
        case when verdict.resolved_at < jurisdiction.as_of then verdict.resolved_at end as resolved_at,
        case
            when verdict.resolved_at < jurisdiction.as_of then verdict.resolved_at
            else jurisdiction.as_of
        end as until_at
    from {{ touched_of('fct_dossier_verdict', 'dossier_key', ['dossier_key']) }} as verdict
    inner join {{ source('reference', 'jurisdiction') }} as jurisdiction
        on jurisdiction.jurisdiction = verdict.jurisdiction and jurisdiction.default_policy = verdict.policy
    where
        verdict.verdict in ('late', 'pending_overdue')

),

step as (

    select
        dossier_key,
        workflow_step,
        over_minutes,
        row_number() over (
            partition by dossier_key
            order by over_minutes desc, place asc
        ) as place
    from {{ touched_of('fct_dossier_step', 'dossier_key', ['dossier_key']) }} as touched
    where over_minutes > 0

),

apology as (

    select
        dossier_key,
        count(*) as apologies_sent
    from {{ touched_of('fct_dossier_event', 'dossier_key', ['dossier_key']) }} as touched
    where event = 'apology_sent'
    group by dossier_key

)

select
    judged.dossier_key,
    judged.jurisdiction,
    judged.policy,
    dossier.dossier_code,
    dossier.unit_key,
    dossier.procedure_key,
    dossier.channel_key,
    dossier.field_name,
    dossier.status,
    dossier.received_at,
    judged.due_at,
    judged.resolved_at,
    judged.verdict,
    cast(
        {{ days_from(local_date('judged.due_at', 'judged.zone'), local_date('judged.until_at', 'judged.zone')) }}
        as bigint
    ) as days_late,
    cast({{ working_minutes_between('due', 'judged.due_at', 'until', 'judged.until_at') }} as bigint) as late_minutes,
    step.workflow_step as late_step,
    step.over_minutes as late_step_over_minutes,
    cast(coalesce(apology.apologies_sent, 0) as bigint) as apologies_sent,
    dossier.due_moves,
    dossier.source,
    dossier.file_sha256,
    dossier.row_number
from judged
inner join {{ touched_of('fct_dossier', 'dossier_key', ['dossier_key']) }} as dossier
    on dossier.dossier_key = judged.dossier_key
left join step on step.dossier_key = judged.dossier_key and step.place = 1
left join apology on apology.dossier_key = judged.dossier_key
left join {{ ref('int_calendar__day') }} as due
    on {{ on_day_of('due', 'judged', 'judged.due_at') }}
left join {{ ref('int_calendar__day') }} as until
    on {{ on_day_of('until', 'judged', 'judged.until_at') }}
