with dossier as (

    select
        dossier_key,
        jurisdiction,
        state
    from {{ ref('fct_dossier') }}

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
        resolution
    from {{ ref('int_dossier__judged') }}

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
    case
        when dossier.state in ('not_yet', 'closed_otherwise') then dossier.state
        when dossier.state = 'resolved' then judged.resolution
        else {{ pending_verdict('judged', 'as_of.as_of', 'as_of.as_of_day') }}
    end as verdict
from dossier
inner join judged on judged.dossier_key = dossier.dossier_key
inner join as_of on as_of.jurisdiction = dossier.jurisdiction
