-- Petitions about administrative procedures, judged by the day at the as-of instant. An answer stamped before the
-- petition came is an answer, at no known time: no other system tells when.
with version as (

    select
        ranked.jurisdiction,
        ranked.zone,
        ranked.source,
        ranked.file_sha256,
        petition.row_number,
        petition.row_sha256,
        petition.petition_number,
        petition.petition_code,
        petition.record_code,
        petition.unit_number,
        petition.way,
        petition.is_satisfied,
        petition.received_at,
        petition.due_at,
        petition.answered_at,
        row_number() over (
            partition by ranked.jurisdiction, ranked.source, petition.petition_number
            order by
                petition.changed_at desc, petition.row_sha256 desc, ranked.file_sha256 desc, petition.row_number asc
        ) as recency
    from {{ ref('stg_provincial__petition') }} as petition
    inner join {{ ref('int_delivery__ranked') }} as ranked on ranked.delivery_id = petition.delivery_id

),

petition as (

    select
        version.jurisdiction,
        version.source,
        version.file_sha256,
        version.row_number,
        version.row_sha256,
        version.petition_number,
        version.petition_code,
        version.record_code,
        version.unit_number,
        version.way,
        version.is_satisfied,
        version.received_at,
        {{ plausible('version.due_at') }} as due_at,
        version.answered_at as stated_answered_at,
        case when version.answered_at >= version.received_at then version.answered_at end as answered_at,
        {{ local_date('version.received_at', 'version.zone') }} as received_on,
        {{ local_date(plausible('version.due_at'), 'version.zone') }} as due_on,
        {{ local_date('version.answered_at', 'version.zone') }} as answered_on,
        jurisdiction.as_of,
        {{ local_date('jurisdiction.as_of', 'version.zone') }} as as_of_on
    from version
    inner join {{ source('reference', 'jurisdiction') }} as jurisdiction
        on jurisdiction.jurisdiction = version.jurisdiction
    where version.recency = 1

)

select
    {{ grain_key(['petition.jurisdiction', 'petition.source', 'petition.petition_number']) }} as petition_key,
    petition.jurisdiction,
    petition.petition_code,
    dossier.dossier_key,
    {{ key_in('petition.jurisdiction', 'unit.unit_code') }} as unit_key,
    dossier.procedure_key,
    petition.way,
    petition.received_at,
    petition.due_at,
    petition.answered_at,
    petition.stated_answered_at,
    petition.received_on,
    {{ month_start('petition.received_on') }} as received_month,
    case
        when petition.received_at >= petition.as_of then 'not_yet'
        when petition.stated_answered_at < petition.received_at then 'time_unknown'
        when petition.due_at is null then 'no_due'
        when petition.answered_at < petition.as_of and petition.answered_on <= petition.due_on then 'in_time'
        when petition.answered_at < petition.as_of then 'late'
        when petition.due_on < petition.as_of_on then 'overdue'
        else 'pending'
    end as verdict,
    petition.is_satisfied,
    petition.source,
    petition.file_sha256,
    petition.row_number,
    petition.row_sha256
from petition
left join {{ ref('int_unit__coded') }} as unit
    on unit.jurisdiction = petition.jurisdiction and unit.unit_number = petition.unit_number
left join {{ ref('int_dossier__in_province') }} as dossier
    on dossier.jurisdiction = petition.jurisdiction and dossier.record_code = petition.record_code
