-- Dossiers that were not accepted within eight working hours of being handed in.
{{ config(materialized='incremental', unique_key=['dossier_key'], meta={'touched': 'dossier_key'}) }}
with dossier as (

    select
        dossier.dossier_key,
        dossier.jurisdiction,
        dossier.dossier_code,
        dossier.unit_key,
        dossier.procedure_key,
        dossier.channel_key,
        dossier.submitted_at,
        dossier.received_at,
        dossier.source,
        dossier.file_sha256,
        dossier.row_number,
        jurisdiction.zone,
        jurisdiction.as_of,
        case
            when dossier.received_at < jurisdiction.as_of then dossier.received_at
            else jurisdiction.as_of
        end as until_at
    from {{ touched_of('fct_dossier', 'dossier_key', ['dossier_key']) }} as dossier
    inner join {{ source('reference', 'jurisdiction') }} as jurisdiction
        on jurisdiction.jurisdiction = dossier.jurisdiction
    where
        dossier.submitted_at < jurisdiction.as_of
        and dossier.submitted_at < dossier.received_at

),

measured as (

    select
        dossier.dossier_key,
        dossier.jurisdiction,
        dossier.dossier_code,
        dossier.unit_key,
        dossier.procedure_key,
        dossier.channel_key,
        dossier.submitted_at,
        dossier.received_at,
        dossier.source,
        dossier.file_sha256,
        dossier.row_number,
        {{ working_minutes_between('handed_in', 'dossier.submitted_at', 'accepted', 'dossier.until_at') }}
            as waited_minutes
    from dossier
    inner join {{ ref('int_calendar__day') }} as handed_in
        on {{ on_day_of('handed_in', 'dossier', 'dossier.submitted_at') }}
    inner join {{ ref('int_calendar__day') }} as accepted
        on {{ on_day_of('accepted', 'dossier', 'dossier.until_at') }}

)

select
    dossier_key,
    jurisdiction,
    dossier_code,
    unit_key,
    procedure_key,
    channel_key,
    submitted_at,
    received_at,
    cast(waited_minutes as bigint) as waited_minutes,
    source,
    file_sha256,
    row_number
from measured
where waited_minutes > 480
