{{ config(
    materialized='incremental',
    unique_key=['cut_off', 'jurisdiction', "coalesce(unit_key, '')", "coalesce(procedure_key, '')", 'received_month'],
    pre_hook='set local enable_sort = off',
    meta={'touched': 'timeliness'}
) }}
{# Sorted on disk, the 765,000 rows of a cut-off took 6 to 11 s to group by eight texts; hashed, they take 3 s. #}
-- depends_on: {{ ref('int_timeliness__touched') }}
-- depends_on: {{ ref('int_cut_off__touched') }}
with dossier as (

    select
        dossier_key,
        jurisdiction,
        unit_key,
        competent_unit_key,
        procedure_key,
        channel_key,
        received_at,
        received_month
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
        resolved_at,
        resolved_month,
        closed_otherwise_at,
        exceeded_at,
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

-- What an open dossier waits for at a cut-off. Waiting for more than one thing at once, it waits for the applicant.
waiting as (

    select
        cut_off.cut_off,
        {{ key_in('waiting.jurisdiction', 'waiting.dossier_code') }} as dossier_key,
        max(case when waiting.waits_for = 'supplement' then 1 else 0 end) as for_supplement
    from {{ ref('int_dossier__waiting') }} as waiting
    inner join cut_off
        on cut_off.jurisdiction = waiting.jurisdiction and waiting.from_at < cut_off.cut_off
    where waiting.to_at is null or waiting.to_at >= cut_off.cut_off
    group by
        cut_off.cut_off,
        {{ key_in('waiting.jurisdiction', 'waiting.dossier_code') }}

),

-- Which dossiers are counted at which cut-offs: all, or what is counted together with anything that is otherwise there.
counted_at as (

    select
        cut_off.cut_off,
        cut_off.cut_off_day,
        dossier.dossier_key,
        dossier.jurisdiction,
        dossier.unit_key,
        dossier.competent_unit_key,
        dossier.procedure_key,
        dossier.channel_key,
        dossier.received_at,
        dossier.received_month
    from dossier
    {% if made_of_touched() -%}
    inner join {{ ref('int_timeliness__touched') }} as touched
        on
            touched.jurisdiction = dossier.jurisdiction
            and touched.unit_key = coalesce(dossier.unit_key, '')
            and touched.procedure_key = coalesce(dossier.procedure_key, '')
            and touched.received_month = dossier.received_month
    {% endif -%}
    inner join cut_off
        on
            cut_off.jurisdiction = dossier.jurisdiction
            and dossier.received_at < cut_off.cut_off
            {% if made_of_touched() -%}
            and cut_off.cut_off = touched.cut_off
            {%- endif %}

),

-- Every dossier that had been received by a cut-off, in exactly one state there: an instant at the cut-off itself has
-- not happened yet.
at_cut_off as (

    select
        dossier.cut_off,
        dossier.jurisdiction,
        judged.policy,
        dossier.unit_key,
        dossier.competent_unit_key,
        dossier.procedure_key,
        dossier.channel_key,
        dossier.received_month,
        case
            when judged.closed_otherwise_at < dossier.cut_off then null
            when judged.resolved_at < dossier.cut_off then judged.resolved_month
        end as resolved_month,
        case
            when judged.closed_otherwise_at < dossier.cut_off then 'closed_otherwise'
            when judged.resolved_at < dossier.cut_off then judged.resolution
            else {{ pending_verdict('judged', 'dossier.cut_off', 'dossier.cut_off_day') }}
        end as verdict,
        case
            when judged.closed_otherwise_at < dossier.cut_off then 0
            when judged.resolved_at < dossier.cut_off
                then {{ epoch_seconds('judged.resolved_at') }} - {{ epoch_seconds('dossier.received_at') }}
            else 0
        end as elapsed_seconds,
        waiting.for_supplement
    from counted_at as dossier
    inner join judged on judged.dossier_key = dossier.dossier_key
    left join waiting
        on waiting.cut_off = dossier.cut_off and waiting.dossier_key = dossier.dossier_key

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
        sum(
            case
                when verdict in ('pending_in_time', 'pending_overdue', 'pending_no_due') and for_supplement = 1 then 1
                else 0
            end
        ) as pending_waiting,
        sum(
            case
                when verdict in ('pending_in_time', 'pending_overdue', 'pending_no_due') and for_supplement = 0 then 1
                else 0
            end
        ) as pending_paused,
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
    {% if made_of_touched() -%}
    -- At a new cut-off, what nothing happened to since the one it follows, as the last build counted it there.
    union all
    select
        new_cut_off.cut_off,
        held.jurisdiction,
        held.policy,
        held.unit_key,
        held.competent_unit_key,
        held.procedure_key,
        held.channel_key,
        held.received_month,
        held.resolved_month,
        held.received,
        held.resolved,
        held.early,
        held.on_due_day,
        held.on_time,
        held.late,
        held.resolved_no_due,
        held.pending,
        held.pending_in_time,
        held.pending_overdue,
        held.pending_no_due,
        held.pending_waiting,
        held.pending_paused,
        held.closed_otherwise,
        held.elapsed_seconds
    from {{ this }} as held
    inner join {{ ref('int_cut_off__touched') }} as new_cut_off
        on new_cut_off.jurisdiction = held.jurisdiction and new_cut_off.follows = held.cut_off
    left join {{ ref('int_timeliness__touched') }} as touched
        on
            touched.cut_off = new_cut_off.cut_off
            and touched.jurisdiction = held.jurisdiction
            and touched.unit_key = coalesce(held.unit_key, '')
            and touched.procedure_key = coalesce(held.procedure_key, '')
            and touched.received_month = held.received_month
    where touched.cut_off is null
    {%- endif %}

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
    cast(pending_waiting as bigint) as pending_waiting,
    cast(pending_paused as bigint) as pending_paused,
    cast(closed_otherwise as bigint) as closed_otherwise,
    cast(elapsed_seconds as bigint) as elapsed_seconds
from counted
