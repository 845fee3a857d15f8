{{ config(materialized='incremental', unique_key=['dossier_key'], meta={'touched': 'dossier_key'}) }}
with dossier as (

    select
        dossier_key,
        jurisdiction,
        received_at
    from {{ touched_of('fct_dossier', 'dossier_key', ['dossier_key']) }} as touched

),

judged as (

    select
        dossier_key,
        policy,
        compares,
        due_basis,
        missing_due,
        due_at,
        due_on,
        resolved_at,
        closed_otherwise_at,
        exceeded_at,
        resolution
    from {{ touched_of('int_dossier__judged', 'dossier_key', ['dossier_key']) }} as touched

),

as_of as (

    select
        jurisdiction,
        as_of,
        {{ local_date('as_of', 'zone') }} as as_of_day
    from {{ source('reference', 'jurisdiction') }}

)

select
    {{ key_in('dossier.dossier_key', 'judged.policy') }} as dossier_verdict_key,
    dossier.dossier_key,
    judged.policy,
    dossier.jurisdiction,
    judged.due_basis,
    judged.due_at,
    judged.resolved_at,
    judged.closed_otherwise_at,
    judged.exceeded_at,
    case
        when dossier.received_at >= as_of.as_of then 'not_yet'
        when judged.closed_otherwise_at < as_of.as_of then 'closed_otherwise'
        when judged.resolved_at < as_of.as_of then judged.resolution
        else {{ pending_verdict('judged', 'as_of.as_of', 'as_of.as_of_day') }}
    end as verdict
from dossier
inner join judged on judged.dossier_key = dossier.dossier_key
inner join as_of on as_of.jurisdiction = dossier.jurisdiction
