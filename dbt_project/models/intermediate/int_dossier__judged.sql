-- Dossier × policy: which due date counts, and what a resolution is worth under the policy.
with dossier as (

    select
        dossier_key,
        jurisdiction,
        received_at,
        due_at,
        due_on,
        resolved_at,
        resolved_on
    from {{ ref('int_dossier__current') }}

),

in_use as (

    select
        used.jurisdiction,
        policy.policy,
        policy.compares,
        policy.due_basis,
        policy.missing_due
    from {{ source('reference', 'jurisdiction_policy') }} as used
    inner join {{ ref('policy') }} as policy on policy.policy = used.policy

)

select
    dossier.dossier_key,
    dossier.jurisdiction,
    in_use.policy,
    in_use.compares,
    in_use.due_basis,
    in_use.missing_due,
    dossier.due_at,
    dossier.due_on,
    case
        when dossier.resolved_at is null then null
        when dossier.due_at is null and in_use.missing_due = 'in_time' then 'on_due_day'
        when dossier.due_at is null then 'no_due'
        when in_use.compares = 'instant' and dossier.resolved_at > dossier.due_at then 'late'
        when in_use.compares = 'day' and dossier.resolved_on > dossier.due_on then 'late'
        when dossier.resolved_on < dossier.due_on then 'early'
        else 'on_due_day'
    end as resolution
from dossier
inner join in_use on in_use.jurisdiction = dossier.jurisdiction
