with dossier as (

    select
        dossier_key,
        jurisdiction,
        unit_key,
        competent_unit_key,
        procedure_key,
        channel_key,
        received_at,
        resolved_at,
        closed_otherwise_at,
        received_month,
        resolved_month
    from {{ ref('fct_dossier') }}

),

judged as (

    select
        dossier_key,
        policy,
        compares,
        missing_due,
        due_at,
        due_on,
        resolution
    from {{ ref('int_dossier__judged') }}

),

cut_off as (

    select
        cut_off.jurisdiction,
        cut_off.cut_off,
        {{ local_date('cut_off.cut_off', 'jurisdiction.zone') }} as cut_off_day
    from {{ source('reference', 'cut_off') }} as cut_off
    inner join {{ source('reference', 'jurisdiction') }} as jurisdiction
        on jurisdiction.jurisdiction = cut_off.jurisdiction

),

-- Every dossier that had been received by a cut-off, in exactly one state there: an instant at the cut-off itself has
-- not happened yet.
at_cut_off as (

    select
        cut_off.cut_off,
        dossier.jurisdiction,
        judged.policy,
        dossier.unit_key,
        dossier.competent_unit_key,
        dossier.procedure_key,
        dossier.channel_key,
        dossier.received_month,
        case
            when dossier.closed_otherwise_at < cut_off.cut_off then null
            when dossier.resolved_at < cut_off.cut_off then dossier.resolved_month
        end as resolved_month,
        case
            when dossier.closed_otherwise_at < cut_off.cut_off then 'closed_otherwise'
            when dossier.resolved_at < cut_off.cut_off then judged.resolution
            else {{ pending_verdict('judged', 'cut_off.cut_off', 'cut_off.cut_off_day') }}
        end as verdict,
        case
            when dossier.closed_otherwise_at < cut_off.cut_off then 0
            when dossier.resolved_at < cut_off.cut_off
                then {{ epoch_seconds('dossier.resolved_at') }} - {{ epoch_seconds('dossier.received_at') }}
            else 0
        end as elapsed_seconds
    from dossier
    inner join judged on judged.dossier_key = dossier.dossier_key
    inner join cut_off
        on cut_off.jurisdiction = dossier.jurisdiction and dossier.received_at < cut_off.cut_off

),

counted as (

    select
        cut_off,
        jurisdiction,
        policy,
        unit_key,
        competent_unit_key,
        procedure_key,
        channel_key,
        received_month,
        resolved_month,
        count(*) as received,
        sum(case when verdict in ('early', 'on_due_day', 'late', 'no_due') then 1 else 0 end) as resolved,
        sum(case when verdict = 'early' then 1 else 0 end) as early,
        sum(case when verdict = 'on_due_day' then 1 else 0 end) as on_due_day,
        sum(case when verdict in ('early', 'on_due_day') then 1 else 0 end) as on_time,
        sum(case when verdict = 'late' then 1 else 0 end) as late,
        sum(case when verdict = 'no_due' then 1 else 0 end) as resolved_no_due,
        sum(case when verdict in ('pending_in_time', 'pending_overdue', 'pending_no_due') then 1 else 0 end) as pending,
        sum(case when verdict = 'pending_in_time' then 1 else 0 end) as pending_in_time,
        sum(case when verdict = 'pending_overdue' then 1 else 0 end) as pending_overdue,
        sum(case when verdict = 'pending_no_due' then 1 else 0 end) as pending_no_due,
        sum(case when verdict = 'closed_otherwise' then 1 else 0 end) as closed_otherwise,
        sum(elapsed_seconds) as elapsed_seconds
    from at_cut_off
    group by
        cut_off,
        jurisdiction,
        policy,
        unit_key,
        competent_unit_key,
        procedure_key,
        channel_key,
        received_month,
        resolved_month

)

select
    {{ grain_key([
        epoch_seconds('cut_off'), 'jurisdiction', 'policy', 'unit_key', 'competent_unit_key', 'procedure_key',
        'channel_key', 'received_month', 'resolved_month'
    ]) }} as timeliness_key,
    cut_off,
    jurisdiction,
    policy,
    unit_key,
    competent_unit_key,
    procedure_key,
    channel_key,
    received_month,
    resolved_month,
    cast(received as bigint) as received,
    cast(resolved as bigint) as resolved,
    cast(early as bigint) as early,
    cast(on_due_day as bigint) as on_due_day,
    cast(on_time as bigint) as on_time,
    cast(late as bigint) as late,
    cast(resolved_no_due as bigint) as resolved_no_due,
    cast(pending as bigint) as pending,
    cast(pending_in_time as bigint) as pending_in_time,
    cast(pending_overdue as bigint) as pending_overdue,
    cast(pending_no_due as bigint) as pending_no_due,
    cast(closed_otherwise as bigint) as closed_otherwise,
    cast(elapsed_seconds as bigint) as elapsed_seconds
from counted
