{{ config(materialized='incremental', unique_key=['dossier_key'], meta={'touched': 'dossier_key'}) }}
with dossier as (

    select
        dossier_key,
        jurisdiction,
        dossier_code,
        unit_code,
        receiving_unit_code,
        competent_unit_code,
        procedure_code,
        channel_code,
        field_name,
        status,
        source_verdict,
        submitted_at,
        received_at,
        first_due_at,
        due_at,
        held_due_at,
        due_moves,
        due_from,
        resolved_at,
        resolved_from,
        returned_at,
        closed_otherwise_at,
        closed_as,
        received_on,
        due_on,
        resolved_on,
        source,
        file_sha256,
        row_number,
        row_sha256
    from {{ touched_of('int_dossier__current', 'dossier_key', ['dossier_key']) }} as touched

),

waited as (

    select
        jurisdiction,
        dossier_code,
        sum(case when waits_for = 'supplement' then 1 else 0 end) as supplement_requests
    from {{ touched_of('int_dossier__waiting', 'dossier', ['jurisdiction', 'dossier_code']) }} as touched
    group by
        jurisdiction,
        dossier_code

),

as_of as (

    select
        jurisdiction,
        as_of
    from {{ source('reference', 'jurisdiction') }}

)

select
    dossier.dossier_key,
    dossier.jurisdiction,
    dossier.dossier_code,
    {{ key_in('dossier.jurisdiction', 'dossier.unit_code') }} as unit_key,
    {{ key_in('dossier.jurisdiction', 'dossier.receiving_unit_code') }} as receiving_unit_key,
    {{ key_in('dossier.jurisdiction', 'dossier.competent_unit_code') }} as competent_unit_key,
    {{ key_in('dossier.jurisdiction', 'dossier.procedure_code') }} as procedure_key,
    {{ key_in('dossier.jurisdiction', 'dossier.channel_code') }} as channel_key,
    dossier.received_at,
    dossier.due_at,
    dossier.resolved_at,
    dossier.closed_otherwise_at,
    dossier.received_on,
    dossier.due_on,
    dossier.resolved_on,
    {{ month_start('dossier.received_on') }} as received_month,
    {{ month_start('dossier.resolved_on') }} as resolved_month,
    -- Half-open: what happened at the as-of instant itself has not happened yet.
    case
        when dossier.received_at >= as_of.as_of then 'not_yet'
        when dossier.closed_otherwise_at < as_of.as_of then 'closed_otherwise'
        when dossier.resolved_at < as_of.as_of then 'resolved'
        else 'open'
    end as state,
    dossier.source_verdict,
    dossier.source,
    dossier.file_sha256,
    dossier.row_number,
    dossier.row_sha256,
    dossier.due_from,
    dossier.resolved_from,
    dossier.field_name,
    dossier.status,
    dossier.submitted_at,
    dossier.first_due_at,
    dossier.held_due_at,
    due_by_rule.due_at as recomputed_due_at,
    dossier.due_moves,
    dossier.returned_at,
    dossier.closed_as,
    due_by_rule.time_limit,
    due_by_rule.limit_unit,
    cast(coalesce(waited.supplement_requests, 0) as bigint) as supplement_requests,
    cast(working_time.elapsed_minutes as bigint) as elapsed_minutes,
    cast(working_time.supplement_minutes as bigint) as supplement_minutes,
    cast(working_time.payment_minutes + working_time.stopped_minutes as bigint) as paused_minutes,
    cast(working_time.spent_minutes as bigint) as spent_minutes
from dossier
inner join as_of on as_of.jurisdiction = dossier.jurisdiction
left join waited
    on waited.jurisdiction = dossier.jurisdiction and waited.dossier_code = dossier.dossier_code
left join {{ touched_of('int_dossier__due', 'dossier_key', ['dossier_key']) }} as due_by_rule
    on due_by_rule.dossier_key = dossier.dossier_key
left join {{ touched_of('int_dossier__working_time', 'dossier_key', ['dossier_key']) }} as working_time
    on working_time.dossier_key = dossier.dossier_key
