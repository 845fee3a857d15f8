with dossier as (

    select
        dossier_key,
        jurisdiction,
        dossier_code,
        unit_code,
        competent_unit_code,
        procedure_code,
        channel_code,
        source_verdict,
        received_at,
        due_at,
        due_from,
        resolved_at,
        resolved_from,
        closed_otherwise_at,
        received_on,
        due_on,
        resolved_on,
        source,
        file_sha256,
        row_number,
        row_sha256
    from {{ ref('int_dossier__current') }}

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
    dossier.resolved_from
from dossier
inner join as_of on as_of.jurisdiction = dossier.jurisdiction
