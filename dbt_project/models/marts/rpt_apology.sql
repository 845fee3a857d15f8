-- Was an apology sent, in time, and was the dossier re-appointed more than once: every dossier that has a letter, and
-- every one that is late or overdue under the jurisdiction's default policy without any.
{{ config(materialized='incremental', unique_key=['dossier_key'], meta={'touched': 'dossier_key'}) }}
with letter as (

    select
        {{ key_in('jurisdiction', 'dossier_code') }} as dossier_key,
        count(*) as letters,
        sum(case when sent_at is not null then 1 else 0 end) as letters_sent,
        sum(case when sent_at is not null and due_after is not null then 1 else 0 end) as reappointments,
        min(sent_at) as first_sent_at
    from {{ ref('int_dossier__apology') }}
    group by {{ key_in('jurisdiction', 'dossier_code') }}

),

judged as (

    select
        verdict.dossier_key,
        verdict.policy,
        verdict.verdict,
        jurisdiction.zone
    from {{ touched_of('fct_dossier_verdict', 'dossier_key', ['dossier_key']) }} as verdict
    inner join {{ source('reference', 'jurisdiction') }} as jurisdiction
        on jurisdiction.jurisdiction = verdict.jurisdiction and jurisdiction.default_policy = verdict.policy

)

select
    dossier.dossier_key,
    dossier.jurisdiction,
    judged.policy,
    dossier.dossier_code,
    dossier.unit_key,
    dossier.procedure_key,
    dossier.first_due_at,
    dossier.due_at,
    judged.verdict,
    cast(coalesce(letter.letters, 0) as bigint) as letters,
    cast(coalesce(letter.letters_sent, 0) as bigint) as letters_sent,
    letter.first_sent_at,
    -- On the first due day at the latest.
    coalesce(
        {{ local_date('letter.first_sent_at', 'judged.zone') }}
        <= {{ local_date('dossier.first_due_at', 'judged.zone') }},
        false
    ) as sent_in_time,
    cast(coalesce(letter.reappointments, 0) as bigint) as reappointments,
    coalesce(letter.reappointments > 1, false) as reappointed_more_than_once
from {{ touched_of('fct_dossier', 'dossier_key', ['dossier_key']) }} as dossier
inner join judged on judged.dossier_key = dossier.dossier_key
left join letter on letter.dossier_key = dossier.dossier_key
where letter.dossier_key is not null or judged.verdict in ('late', 'pending_overdue')
